import { keysOf, lookUp } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { execute, isWrite, type Command } from '../../store.ts';
import { STORE_ERRORS } from '../../store-words.ts';
import { isPrimary, put, reply, send, sendAll, setTimer, type Turn } from './turn.ts';
import type { Message, Pending, PrimaryState, Reply, Request } from './types.ts';

/** The errors of the textbook's code, and ours where it has none. */
export const ERRORS = {
  unavailable: 'Service temporarily unavailable. Please try again.',
  ...STORE_ERRORS,
} as const;

/** A client asks this node: the primary does everything, a replica answers reads of any copy. */
export function onRequest(turn: Turn, to: NodeId, request: number, { command, anyCopy }: Request): void {
  const { state } = turn;
  const isHolder = state.holders.includes(state.self);
  if (!isPrimary(state) && !(isHolder && anyCopy && !isWrite(command))) {
    reply(turn, to, request, { kind: 'redirect', to: state.durable.term.primary });
    return;
  }
  const needed = acksNeeded(state);
  if (!isWrite(command) || needed === 0) {
    reply(turn, to, request, carryOut(turn, command, 0));
    return;
  }
  if (reachable(state, turn.now) < needed) {
    // Nothing has been begun: the write is certainly not done.
    reply(turn, to, request, { kind: 'error', class: 'fail', error: ERRORS.unavailable });
    return;
  }
  const id = ++state.writes;
  state.pending[String(id)] = { to, request, command, acks: {} };
  sendAll(turn, { kind: 'prepare', term: state.durable.term, id, command });
  setTimer(turn, `prepare-${id}`, state.knobs.prepareTimeout);
}

/** A replica promises to write what the primary will say. */
export function onPrepare(
  turn: Turn,
  from: NodeId,
  { term, id, command }: Message & { kind: 'prepare' },
): void {
  turn.state.durable.prepared[String(id)] = command;
  turn.isDirty = true;
  send(turn, from, { kind: 'prepared', term, id });
}

export function onPrepared(turn: Turn, from: NodeId, id: number): void {
  const { state } = turn;
  const pending = lookUp(state.pending, String(id));
  if (pending === undefined) return;
  pending.acks[from] = true;
  settle(turn);
}

/** Too few replicas have promised: the write is given up, though one of them may yet be promoted with it. */
export function onPrepareTimeout(turn: Turn, id: number): void {
  const pending = lookUp(turn.state.pending, String(id));
  if (pending === undefined) return;
  giveUp(turn, id, pending);
  settle(turn);
}

/** The ids of the writes that wait, in the order in which they came. */
export function pendingIds(pending: object): number[] {
  return keysOf(pending)
    .map(Number)
    .sort((a, b) => a - b);
}

/** This node is no primary any more: nobody can tell what becomes of the writes that wait. */
export function giveUpAll(turn: Turn): void {
  const { pending } = turn.state;
  for (const id of keysOf(pending)) {
    const waiting = pending[id];
    if (waiting !== undefined) giveUp(turn, Number(id), waiting);
  }
}

/** How many replicas must have a write before it is acknowledged. */
export function acksNeeded({ knobs, holders }: PrimaryState): number {
  switch (knobs.mode) {
    case 'synchronous':
      return holders.length - 1;
    case 'semi-synchronous':
      return Math.min(knobs.acks, holders.length - 1);
    case 'asynchronous':
      return 0;
  }
}

/** Replicas heard from lately. */
export function reachable({ replicas, knobs }: PrimaryState, now: number): number {
  return keysOf(replicas).filter((node) => now - (replicas[node] ?? 0) <= knobs.failoverAfter).length;
}

/** Commits what enough replicas have promised, in the order of the promises: a later primary would do the same. */
function settle(turn: Turn): void {
  const { state } = turn;
  for (const id of pendingIds(state.pending)) {
    const pending = lookUp(state.pending, String(id));
    if (pending === undefined || keysOf(pending.acks).length < acksNeeded(state)) return;
    end(turn, id);
    reply(turn, pending.to, pending.request, carryOut(turn, pending.command, id));
  }
}

function giveUp(turn: Turn, id: number, { to, request }: Pending): void {
  const { durable, knobs } = turn.state;
  end(turn, id);
  sendAll(turn, { kind: 'abort', term: durable.term, id });
  const outcome = knobs.failover === 'automatic' ? 'info' : 'fail';
  reply(turn, to, request, { kind: 'error', class: outcome, error: ERRORS.unavailable });
}

function end(turn: Turn, id: number): void {
  delete turn.state.pending[String(id)];
  turn.outputs.push({ kind: 'cancel-timer', timer: `prepare-${id}` });
}

function carryOut(turn: Turn, command: Command, id: number): Reply {
  const { durable } = turn.state;
  const effect = execute(durable.data, command);
  if (effect.kind === 'done' && effect.entry !== undefined) {
    put(turn, command.key, effect.entry);
    const { term, changes } = durable;
    sendAll(turn, { kind: 'commit', term, id, changes, key: command.key, entry: effect.entry });
  } else if (id > 0) sendAll(turn, { kind: 'abort', term: durable.term, id });
  if (effect.kind === 'error') return { kind: 'error', class: 'fail', error: ERRORS[effect.reason] };
  return { kind: 'done', value: effect.value, applied: effect.applied };
}
