import { CONNECTION_SILENCE_MS } from './timeout.ts';
import type { Peer } from './types.ts';

/** What a node keeps about another of which it has not heard. `next`: the entry to send first. */
export function createPeer(next: number): Peer {
  return {
    match: 0,
    next,
    mode: 'probe',
    paused: false,
    active: false,
    readAck: 0,
    heardAt: 0,
    connectedSince: 0,
    serial: 0,
  };
}

/** The same of a member that has joined: no connection to it stands. */
export function createNewPeer(next: number): Peer {
  return { ...createPeer(next), heardAt: -CONNECTION_SILENCE_MS - 1 };
}
