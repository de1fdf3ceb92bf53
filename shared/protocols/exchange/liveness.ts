import { below } from '../../base/random.ts';
import { keysOf, lookUp } from '../../base/table.ts';
import type { NodeId } from '../../sim/operation.ts';
import { mark, send, setTimer } from '../turn.ts';
import { keepersOf, membersOf } from './membership.ts';
import type { CouchState, Message, Turn } from './types.ts';

/** A quarter of `net_ticktime`, 60 s: after four of these without a word a connection is closed. */
const TICK = 15_000;
const SILENT_TICKS = 4;
/** mem3_distribution.erl: reconnect_interval_sec. */
const RECONNECT = 37_000;

/**
 * Who is there, as Erlang's distribution tells the nodes of a cluster: ticks on connections, and a connection on which
 * nothing came for four of them is closed. Until then requests go on to wait. Followed are only connections that
 * matter here, those of nodes that keep shards.
 */
export function startLiveness(turn: Turn): void {
  const { state } = turn;
  if (state.knobs.mode === 'peers') return;
  setTimer(turn, 'tick', 1 + below(turn.random, TICK));
  setTimer(turn, 'reconnect', 1 + below(turn.random >>> 8, RECONNECT));
}

export function isConnected(state: CouchState, node: NodeId): boolean {
  return node === state.self || lookUp(state.lost, node) === undefined;
}

/** Sends a sign of life to everybody, and returns those who gave none for too long. */
export function onTick(turn: Turn): NodeId[] {
  const { state } = turn;
  setTimer(turn, 'tick', TICK);
  const given: NodeId[] = [];
  for (const peer of peersOf(state)) {
    if (!isConnected(state, peer)) continue;
    const silent = (lookUp(state.silent, peer) ?? 0) + 1;
    state.silent[peer] = silent;
    if (silent > SILENT_TICKS) {
      given.push(peer);
      // Where only one direction is dead, the closed socket still tells the other end.
      send(turn, peer, { kind: 'closing' });
    } else send(turn, peer, { kind: 'tick' });
  }
  return given;
}

export function onReconnect(turn: Turn): void {
  setTimer(turn, 'reconnect', RECONNECT);
  for (const peer of keysOf(turn.state.lost)) send(turn, peer, { kind: 'hello' });
}

export function disconnect(turn: Turn, peer: NodeId): void {
  const { state } = turn;
  state.lost[peer] = true;
  delete state.silent[peer];
  mark(turn, 'suspect', `${state.self} has lost the connection to ${peer}`);
}

/** What a message says about the connection that it came by. `again`: the peer had lost it, and has it back. */
export type Heard = 'word' | 'lost' | 'connected' | 'again' | 'nothing';

/**
 * To connect takes a word in both directions; what comes without a connection is not taken. A peer that says hello to
 * one who is connected may have said so just before it was, too: only when it answers that it is connected now, had it
 * lost the connection. Taking every hello for a loss, two that greet each other at once would do so for ever.
 */
export function hear(turn: Turn, peer: NodeId, message: Message): Heard {
  const { state } = turn;
  switch (message.kind) {
    case 'hello':
      send(turn, peer, { kind: 'hello-ok' });
      return 'nothing';
    case 'hello-ok':
      if (isConnected(state, peer)) return 'nothing';
      send(turn, peer, { kind: 'connected' });
      return connect(turn, peer);
    case 'connected':
      return isConnected(state, peer) ? 'again' : connect(turn, peer);
    case 'closing':
      return 'lost';
    default:
      if (isConnected(state, peer)) {
        delete state.silent[peer];
        return 'word';
      }
      send(turn, peer, { kind: 'hello' });
      return 'nothing';
  }
}

/** From here on the peer is there. */
export function connect(turn: Turn, peer: NodeId): 'connected' {
  const { state } = turn;
  delete state.lost[peer];
  mark(turn, 'trust', `${state.self} is connected to ${peer} again`);
  return 'connected';
}

/** Who has left, and keeps nothing any more, is nobody to be connected to. */
export function forgetStrangers({ state }: Turn): void {
  if (state.durable.cluster === undefined) return;
  const peers = peersOf(state);
  for (const peer of keysOf(state.lost)) if (!peers.includes(peer)) delete state.lost[peer];
}

/** Where members come and go all connections matter: by them the nodes hear of it. */
function peersOf(state: CouchState): readonly NodeId[] {
  const [keepers, members] = [keepersOf(state), membersOf(state)];
  if (state.durable.cluster !== undefined) {
    return state.nodes.filter((node) => {
      return node !== state.self && (members.includes(node) || keepers.includes(node));
    });
  }
  return (keepers.includes(state.self) ? members : keepers).filter((node) => node !== state.self);
}
