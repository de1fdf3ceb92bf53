import { keysOf } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { learnCommit } from './commit.ts';
import { hearPrimary } from './election-timer.ts';
import type { FetchMessage, Message } from './messages.ts';
import { commonPlace, compare, holds, keep, lastOf, placeAt, runsOf } from './oplog.ts';
import { cancelTimer, mark, send, setTimer, type Step } from './step.ts';
import { avoidSource, bestSource, isOutgrown, leaveSource } from './sync-source.ts';
import type { MemberState } from './types.ts';

/** Entries in a batch, at most; the real limit is 16 MB. */
const BATCH_MAX = 64;

/** Tails the oplog of a source, if there is one to be had. */
export function keepPulling(step: Step): void {
  const { state } = step;
  if (state.source !== null) return;
  const source = bestSource(state);
  if (source === null) return;
  state.source = source;
  step.moved = true;
  fetch(step, source);
}

/** A heartbeat of the source tells of entries that should have come by now: the cursor or its answer was lost. */
export function repeatFetch(step: Step, from: NodeId): void {
  const { state } = step;
  const ahead = state.peers[from]?.at;
  if (state.source === from && ahead !== undefined && compare(ahead, lastOf(state)) > 0) fetch(step, from);
}

/** A secondary asks for what follows. Without news it waits here, until there is some or half an election timeout has passed. */
export function onFetch(step: Step, from: NodeId, message: FetchMessage): void {
  const { state } = step;
  const { after, commit } = message;
  if (state.role !== 'primary' && state.role !== 'secondary') {
    send(step, from, { kind: 'no-source', why: 'not readable' });
  } else if (holds(state, after)) {
    state.awaiting[from] = { after, commit };
    if (hasNews(state, from)) answer(step, from);
    else setTimer(step, `await-${from}`, awaitMs(state));
  } else if (compare(lastOf(state), after) < 0) {
    send(step, from, { kind: 'no-source', why: 'behind' });
  } else {
    send(step, from, { kind: 'diverged', common: commonPlace(state, message.runs) });
  }
}

/** Even without news the answer says that there is a primary. */
export function onAwaitTimer(step: Step, from: NodeId): void {
  answer(step, from);
}

/** There may be news for those who wait for it. */
export function answerAwaiting(step: Step): void {
  const { state } = step;
  for (const other of keysOf(state.awaiting)) if (hasNews(state, other)) answer(step, other);
}

/** This oplog is about to lose its end: cursors on it are closed. */
export function closeCursors(step: Step): void {
  const { state } = step;
  for (const other of keysOf(state.awaiting)) {
    delete state.awaiting[other];
    cancelTimer(step, `await-${other}`);
    send(step, other, { kind: 'no-source', why: 'not readable' });
  }
}

export function onNoSource(step: Step, from: NodeId): void {
  if (from === step.state.source) avoidSource(step);
}

export function onBatch(step: Step, from: NodeId, message: Extract<Message, { kind: 'batch' }>): void {
  const { state } = step;
  const { after, entries } = message;
  // Otherwise it answers what was asked before a change of source, or before a rollback.
  if (from !== state.source || compare(after, lastOf(state)) !== 0) return;
  for (const entry of entries) keep(step, entry);
  if (entries.length > 0) step.moved = true;
  learnCommit(step, placeAt(state, Math.min(message.commit, state.log.length)));
  if (message.primary !== null && message.term === state.term && state.role !== 'primary') {
    hearPrimary(step, message.primary);
  }
  if (state.role === 'rollback' || state.role === 'startup') {
    state.role = 'secondary';
    mark(step, 'role', `${state.self} can be read again`);
  }
  if (isOutgrown(state, from, message)) leaveSource(step);
  else fetch(step, from);
}

function fetch(step: Step, source: NodeId): void {
  const { state } = step;
  send(step, source, { kind: 'fetch', after: lastOf(state), commit: state.commit, runs: runsOf(state) });
  // The source may wait for news, and the network has five seconds (oplogNetworkTimeoutBufferSeconds).
  setTimer(step, 'fetch', awaitMs(state) + 5000);
}

function answer(step: Step, to: NodeId): void {
  const { state } = step;
  const awaiting = state.awaiting[to];
  if (awaiting === undefined) return;
  delete state.awaiting[to];
  cancelTimer(step, `await-${to}`);
  const { after } = awaiting;
  const entries = state.log.slice(after.index, after.index + BATCH_MAX);
  const { commit, primary, source } = state;
  send(step, to, { kind: 'batch', after, entries, commit, primary, last: lastOf(state), source });
}

function hasNews(state: MemberState, other: NodeId): boolean {
  const awaiting = state.awaiting[other];
  if (awaiting === undefined) return false;
  return state.log.length > awaiting.after.index || state.commit > awaiting.commit;
}

function awaitMs(state: MemberState): number {
  return Math.floor(state.knobs.electionTimeoutMillis / 2);
}
