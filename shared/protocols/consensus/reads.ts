import type { NodeId } from '../../sim/operation.ts';
import { onReadIndex } from './read-index.ts';
import { cancelTimer, reply, send, setTimer, type Step } from './step.ts';
import { range, type Reply } from './store.ts';
import { requestTimeout } from './timeout.ts';
import type { ReadRound, ReadWaiter } from './types.ts';

/** etcd's readIndexRetryTime. */
const RETRY_MS = 500;

/**
 * The member's part of linearizable reads, after etcd's linearizableReadLoop: one round at a time asks the
 * leader for a read index; reads that come meanwhile share the next round.
 */
export function startRead(step: Step, waiter: ReadWaiter): void {
  step.state.nextReads.push(waiter);
  if (step.state.readRound === null) startRound(step);
}

/** Asks again: the request, its answer or the leader may have been lost. */
export function retryRead(step: Step): void {
  const { state } = step;
  if (state.readRound === null || state.readRound.index !== null) return;
  state.readRound.lastId = requestReadIndex(step);
  setTimer(step, 'read-retry', RETRY_MS);
}

export function timeOutReads(step: Step): void {
  failRound(step, 'etcdserver: request timed out');
}

/** Reads under way at a change of leader fail at once; the client library retries them. */
export function failReadsOfOldLeader(step: Step): void {
  if (step.state.readRound?.index === null) failRound(step, 'etcdserver: leader changed');
}

/** Takes the leader's answers, and answers the round when this member's store has caught up with its index. */
export function advanceReads(step: Step): void {
  const { state } = step;
  if (state.confirmed.length > 0) {
    const confirmed = state.confirmed;
    state.confirmed = [];
    for (const { id, index } of confirmed) confirmRound(step, id, index);
  }
  for (let round = state.readRound; round !== null; round = state.readRound) {
    if (round.index === null || state.applied < round.index) return;
    endRound(step, round, (waiter) => range(state.store, waiter.key));
  }
}

function startRound(step: Step): void {
  const { state } = step;
  const firstId = requestReadIndex(step);
  state.readRound = { waiters: state.nextReads, firstId, lastId: firstId, index: null };
  state.nextReads = [];
  setTimer(step, 'read-retry', RETRY_MS);
  setTimer(step, 'read-timeout', requestTimeout(state));
}

/** Without a leader the request goes nowhere, and the next retry asks again. */
function requestReadIndex(step: Step): number {
  const { state } = step;
  const id = ++state.readIds;
  if (state.role === 'leader') onReadIndex(step, state.self, id);
  else if (state.leader !== null) send(step, state.leader, { kind: 'read-index', member: state.self, id });
  return id;
}

function confirmRound(step: Step, id: number, index: number): void {
  const round = step.state.readRound;
  if (round === null || round.index !== null || id < round.firstId || id > round.lastId) return;
  round.index = index;
  cancelTimer(step, 'read-retry');
  cancelTimer(step, 'read-timeout');
}

/** Nobody here will answer any read any more. */
export function failReads(step: Step, error: string): void {
  const { nextReads } = step.state;
  step.state.nextReads = [];
  failRound(step, error);
  for (const { to, request } of nextReads)
    reply(step, to, request, { kind: 'error', code: 'unavailable', error });
}

function failRound(step: Step, error: string): void {
  const round = step.state.readRound;
  if (round === null) return;
  cancelTimer(step, 'read-retry');
  cancelTimer(step, 'read-timeout');
  endRound(step, round, () => ({ kind: 'error', code: 'unavailable', error }));
}

function endRound(step: Step, round: ReadRound, answer: (waiter: ReadWaiter) => Reply): void {
  step.state.readRound = null;
  for (const waiter of round.waiters) reply(step, waiter.to, waiter.request, answer(waiter));
  if (step.state.nextReads.length > 0) startRound(step);
}

/** Hands a member's forwarded request on, or takes it if this node leads. */
export function onForwardedRead(step: Step, member: NodeId, id: number): void {
  const { state } = step;
  if (state.role === 'leader') onReadIndex(step, member, id);
  else if (state.leader !== null) send(step, state.leader, { kind: 'read-index', member, id });
}
