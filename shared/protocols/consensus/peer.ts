import { equal } from '../../base/json.ts';
import type { NodeId } from '../../sim/operation.ts';
import type { Peer, RaftState } from './types.ts';

/** rafthttp's ConnReadTimeout: a connection silent for longer is taken for broken. */
export const CONNECTION_SILENCE_MS = 5000;

/**
 * What a node keeps about another of which it has not heard. `next`: the entry to send first. A node shares one
 * such record among all its silent peers, frozen: of a thousand nodes each would keep a thousand of its own.
 */
export function createPeer(next: number): Peer {
  return Object.freeze<Peer>({
    match: 0,
    next,
    mode: 'probe',
    paused: false,
    active: false,
    readAck: 0,
    heardAt: 0,
    connectedSince: 0,
    serial: 0,
  });
}

/** The same of a member that has joined: no connection to it stands. */
export function createNewPeer(next: number): Peer {
  return { ...createPeer(next), heardAt: -CONNECTION_SILENCE_MS - 1 };
}

/** A peer's record to write in: one of its own from now on. Undefined for whoever is no other member. */
export function ownPeer(state: RaftState, node: NodeId): Peer | undefined {
  const peer = state.peers[node];
  if (peer === undefined || !Object.isFrozen(peer)) return peer;
  const own = { ...peer };
  state.peers[node] = own;
  return own;
}

/** Changes the records of all peers alike. What they shared they go on sharing. */
export function updatePeers(state: RaftState, change: (peer: Peer) => void): void {
  let shared: Peer | undefined;
  let changed: Peer | undefined;
  for (const other of state.others) {
    const peer = state.peers[other];
    if (peer === undefined) continue;
    if (!Object.isFrozen(peer)) {
      change(peer);
      continue;
    }
    if (changed === undefined || peer !== shared) {
      shared = peer;
      changed = changeShared(peer, change);
    }
    state.peers[other] = changed;
  }
}

function changeShared(peer: Peer, change: (peer: Peer) => void): Peer {
  const changed = { ...peer };
  change(changed);
  return equal(changed, peer) ? peer : Object.freeze(changed);
}
