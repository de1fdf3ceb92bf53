import { below } from '../../../base/random.ts';
import { keysOf, lookUp } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { mark, send, setTimer } from '../../turn.ts';
import { RECONNECT, SILENT_TICKS, TICK } from './constants.ts';
import { endCallsTo } from './calls.ts';
import { peersOf } from './membership.ts';
import { called, isCalled } from './roll.ts';
import type { Turn } from './turn.ts';
import type { Message, RiakState } from './types.ts';

/** Since when a peer is not connected that never was. */
const STRANGER = -1;

/**
 * Who is up, as Erlang's distribution tells it (kernel documentation, `net_ticktime`): all nodes are connected
 * with each other, and a connection on which nothing has come for four ticks is closed, 45 to 75 seconds after
 * the last word. A process that dies closes its connections at once. Until a silent node is given up, requests
 * go on to wait for it.
 */
export function startLiveness(turn: Turn): void {
  const { state } = turn;
  setTimer(turn, 'tick', 1 + below(turn.random, TICK));
  setTimer(turn, 'reconnect', 1 + below(turn.random >>> 8, RECONNECT));
  for (const peer of keysOf(state.down)) greet(turn, peer);
}

export function isUp(state: RiakState, node: NodeId): boolean {
  return node === state.self || lookUp(state.down, node) === undefined;
}

export function onTick(turn: Turn): void {
  const { state } = turn;
  setTimer(turn, 'tick', TICK);
  const { heard } = state;
  state.heard = '';
  for (const peer of peersOf(state)) {
    if (!isUp(state, peer)) continue;
    const silent =
      heard === null || isCalled(heard, state.nodes.indexOf(peer))
        ? 0
        : (lookUp(state.silent, peer) ?? 0) + 1;
    if (silent === 0) delete state.silent[peer];
    else state.silent[peer] = silent;
    if (silent < SILENT_TICKS) send(turn, peer, { kind: 'tick' });
    else {
      lose(turn, peer);
      // Where only one direction is dead, the closed socket still tells the other end.
      send(turn, peer, { kind: 'hello' });
    }
  }
}

export function onReconnect(turn: Turn): void {
  setTimer(turn, 'reconnect', RECONNECT);
  for (const peer of keysOf(turn.state.down)) greet(turn, peer);
}

/** The connection to a peer is gone. */
export function lose(turn: Turn, peer: NodeId): void {
  const { state } = turn;
  if (!isUp(state, peer)) return;
  state.down[peer] = turn.now;
  delete state.silent[peer];
  mark(turn, 'suspect', `${state.self} has lost the connection to ${peer}`);
  endCallsTo(turn, peer);
}

/** Somebody is a member whom this node has not known: it connects. */
export function meet(turn: Turn, peer: NodeId): void {
  turn.state.down[peer] = STRANGER;
  greet(turn, peer);
}

function greet(turn: Turn, peer: NodeId): void {
  const isFirst = lookUp(turn.state.down, peer) === STRANGER;
  send(turn, peer, isFirst ? { kind: 'hello', first: true } : { kind: 'hello' });
}

/** Somebody is no member any more. */
export function forget({ state }: Turn, peer: NodeId): void {
  delete state.down[peer];
  delete state.silent[peer];
}

/**
 * Notes that a peer was heard, and says whether its message is to be taken. To connect takes a word in both
 * directions. A `hello` shows that the peer has lost the connection, so it is gone here, too; and what comes
 * without a connection is not heard, but a new one is tried.
 */
export function hear(turn: Turn, peer: NodeId, message: Message): boolean {
  const { state } = turn;
  switch (message.kind) {
    case 'hello':
      if (message.first !== true) lose(turn, peer);
      send(turn, peer, { kind: 'hello-ok' });
      return false;
    case 'hello-ok':
      send(turn, peer, { kind: 'connected' });
      connect(turn, peer);
      return false;
    case 'connected':
      connect(turn, peer);
      return false;
    default:
      break;
  }
  if (!isUp(state, peer)) {
    greet(turn, peer);
    return false;
  }
  if (state.heard !== null) state.heard = called(state.heard, state.nodes.indexOf(peer));
  return true;
}

function connect(turn: Turn, peer: NodeId): void {
  const { state } = turn;
  const since = lookUp(state.down, peer);
  if (since === undefined) return;
  delete state.down[peer];
  if (since !== STRANGER) mark(turn, 'trust', `${state.self} is connected to ${peer} again`);
}
