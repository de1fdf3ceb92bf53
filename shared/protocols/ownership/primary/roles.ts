import { canonical } from '../../../base/json.ts';
import { keysOf, lookUp, type Table } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { execute, type Entry } from '../../store.ts';
import { isLater, isPrimary, mark, put, sameTerm, send, sendAll, setTimer, type Turn } from './turn.ts';
import type { Message, PrimaryState, Term } from './types.ts';
import { giveUpAll, pendingIds } from './writes.ts';

/** Replicas that come later among the nodes wait this much longer, so that not all stand at once. Milliseconds. */
const STAGGER = 300;

/** Somebody is primary in a later term: this node follows, and throws away what it alone has. */
export function follow(turn: Turn, term: Term): void {
  const { state } = turn;
  const { durable } = state;
  if (!isLater(state, term, durable.term)) return;
  const wasPrimary = isPrimary(state);
  // In its own term: in the new one the same number can be a write of the new primary.
  if (wasPrimary) giveUpAll(turn);
  durable.term = term;
  turn.isDirty = true;
  state.votes = null;
  state.heardAt = turn.now;
  if (wasPrimary) mark(turn, 'role', `is replaced as primary by ${term.primary}`);
  watch(turn);
}

/** A replica's turn to look whether its primary is still there. */
export function onWatch(turn: Turn): void {
  const { state, now } = turn;
  if (isPrimary(state) || state.knobs.failover === 'manual') return;
  watch(turn);
  if (now - state.heardAt < state.knobs.failoverAfter) return;
  const epoch = Math.max(state.durable.term.epoch, state.durable.votedEpoch) + 1;
  state.durable.votedEpoch = epoch;
  turn.isDirty = true;
  state.votes = { [state.self]: true };
  mark(turn, 'suspect', `no longer hears ${state.durable.term.primary}`);
  if (state.knobs.majority) {
    sendAll(turn, { kind: 'stand', epoch, history: state.durable.history, changes: promised(state) });
  }
  promoteIfElected(turn);
}

/**
 * Votes for a replica that has no less than this one, unless the primary is heard. From then on it obeys no earlier
 * one: what it promised there would be missing at the replica, which may be told late that it was elected.
 */
export function onStand(
  turn: Turn,
  from: NodeId,
  { epoch, history, changes }: Message & { kind: 'stand' },
): void {
  const { state, now } = turn;
  const { durable } = state;
  const hearsPrimary = isPrimary(state) || now - state.heardAt < state.knobs.failoverAfter;
  if (hearsPrimary || epoch <= Math.max(durable.votedEpoch, durable.term.epoch)) return;
  const isBehind = sameTerm(history, durable.history)
    ? changes < promised(state)
    : isLater(state, durable.history, history);
  if (isBehind) return;
  durable.votedEpoch = epoch;
  durable.term = { epoch, primary: from };
  turn.isDirty = true;
  send(turn, from, { kind: 'vote', epoch });
}

export function onVote(turn: Turn, from: NodeId, epoch: number): void {
  const { state } = turn;
  if (state.votes === null || epoch !== state.durable.votedEpoch) return;
  state.votes[from] = true;
  promoteIfElected(turn);
}

/** Sends everything: data, and what is prepared and may yet be committed. */
export function onCatchUp(turn: Turn, to: NodeId): void {
  const { term, changes, data } = turn.state.durable;
  const { pending } = turn.state;
  const prepared = Object.fromEntries(
    keysOf(pending).flatMap((id) => {
      const command = pending[id]?.command;
      return command === undefined ? [] : [[id, command]];
    }),
  );
  send(turn, to, { kind: 'copy', term, changes, data: { ...data }, prepared });
}

/** Takes over the primary's data in place of its own. */
export function onCopy(turn: Turn, from: NodeId, copy: Message & { kind: 'copy' }): void {
  const { durable } = turn.state;
  if (sameTerm(durable.history, copy.term) && copy.changes < durable.changes) return;
  if (!sameTerm(durable.history, copy.term)) {
    const lost = keysOf({ ...durable.data, ...copy.data }).filter(
      (key) =>
        lookUp(durable.data, key) !== undefined && textAt(durable.data, key) !== textAt(copy.data, key),
    );
    if (lost.length > 0) mark(turn, 'rollback', `drops its own ${lost.join(', ')} for the data of ${from}`);
  }
  durable.history = copy.term;
  durable.changes = copy.changes;
  durable.data = { ...copy.data };
  for (const id of keysOf(durable.prepared)) delete durable.prepared[id];
  for (const id of keysOf(copy.prepared)) {
    const command = copy.prepared[id];
    if (command !== undefined) durable.prepared[id] = command;
  }
  turn.isDirty = true;
}

export function watch(turn: Turn): void {
  const { state } = turn;
  if (state.knobs.failover === 'manual') return;
  const stagger = state.holders.indexOf(state.self) * STAGGER;
  setTimer(turn, 'watch', state.knobs.failoverAfter + stagger);
}

function promoteIfElected(turn: Turn): void {
  const { state, now } = turn;
  const { durable, holders, knobs } = state;
  const needed = knobs.majority ? Math.floor(holders.length / 2) + 1 : 1;
  if (state.votes === null || keysOf(state.votes).length < needed) return;
  const old = durable.term.primary;
  state.votes = null;
  durable.term = { epoch: durable.votedEpoch, primary: state.self };
  durable.history = durable.term;
  // What was prepared may have been acknowledged: it is kept.
  for (const id of pendingIds(durable.prepared)) {
    const command = lookUp(durable.prepared, String(id));
    delete durable.prepared[String(id)];
    const effect = command === undefined ? null : execute(durable.data, command);
    if (command === undefined || effect?.kind !== 'done' || effect.entry === undefined) continue;
    put(turn, command.key, effect.entry);
  }
  for (const node of holders) if (node !== state.self && node !== old) state.replicas[node] = now;
  turn.isDirty = true;
  mark(turn, 'leader', `takes over as primary from ${old}`);
  beat(turn);
}

/** Shows everybody that the primary is there, and how far it is. */
export function beat(turn: Turn): void {
  const { nodes, self, durable, pending } = turn.state;
  const { term, changes } = durable;
  const message: Message = { kind: 'heartbeat', term, changes, pending: pendingIds(pending) };
  for (const node of nodes) if (node !== self) send(turn, node, message);
  setTimer(turn, 'heartbeat', turn.state.knobs.heartbeat);
}

function textAt(data: Readonly<Table<Entry>>, key: string): string {
  return canonical(lookUp(data, key) ?? null);
}

/** How many changes this node has made or promised. */
function promised({ durable }: PrimaryState): number {
  return durable.changes + keysOf(durable.prepared).length;
}

/** Whether a replica lacks something that its primary has. */
export function lags({ durable }: PrimaryState, term: Term, changes: number): boolean {
  return !sameTerm(durable.history, term) || durable.changes < changes;
}
