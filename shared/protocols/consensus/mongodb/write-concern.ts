import { countWithData } from './config.ts';
import { knownPlace } from './oplog.ts';
import { TIME_LIMIT, type ServerError } from './requests.ts';
import { cancelTimer, reply, setTimer, type Step } from './step.ts';
import type { MemberState, OpTime, Waiter } from './types.ts';

const TIMED_OUT: ServerError = { code: 64, message: 'waiting for replication timed out', retryable: false };
const UNSATISFIABLE: ServerError = { code: 100, message: 'Not enough data-bearing nodes', retryable: false };
const STEPPED_DOWN: ServerError = {
  code: 189,
  message: 'Primary stepped down while waiting for replication',
  retryable: true,
};

/** Answers a client once enough members have an entry, or its time is up. `limit`: milliseconds, 0 for none. */
export function answerWhenReached(step: Step, waiter: Omit<Waiter, 'number'>, limit: number): void {
  const { state } = step;
  if (typeof waiter.w === 'number' && waiter.w > countWithData(state.set)) {
    reply(step, waiter.to, waiter.id, withError(waiter.answer, UNSATISFIABLE));
  } else if (isReached(state, waiter)) {
    reply(step, waiter.to, waiter.id, waiter.answer);
  } else {
    const number = ++state.waits;
    state.waiters.push({ ...waiter, number });
    if (limit > 0) setTimer(step, `wait-${number}`, limit);
  }
}

/** Whether this client's request waits already: what a link duplicates, or a driver repeats, changes nothing. */
export function isWaiting({ waiters }: MemberState, to: string, id: number): boolean {
  return waiters.some((waiter) => waiter.to === to && waiter.id === id);
}

/** There is news of how far members are. */
export function checkWaiters(step: Step): void {
  const { state } = step;
  if (state.waiters.length === 0) return;
  const reached = state.waiters.filter((waiter) => isReached(state, waiter));
  if (reached.length === 0) return;
  state.waiters = state.waiters.filter((waiter) => !reached.includes(waiter));
  for (const waiter of reached) {
    cancelTimer(step, `wait-${waiter.number}`);
    reply(step, waiter.to, waiter.id, waiter.answer);
  }
}

/** The time of a client is up. Its write stays, and may well be committed later. */
export function onWaitTimer(step: Step, number: number): void {
  const { state } = step;
  const waiter = state.waiters.find((candidate) => candidate.number === number);
  if (waiter === undefined) return;
  state.waiters = state.waiters.filter((candidate) => candidate !== waiter);
  const error = waiter.answer.kind === 'found' ? TIME_LIMIT : TIMED_OUT;
  reply(step, waiter.to, waiter.id, withError(waiter.answer, error));
}

/** This member is no longer primary: nobody can say what becomes of the writes. */
export function failWaiters(step: Step): void {
  const { state } = step;
  const { waiters } = state;
  state.waiters = [];
  for (const waiter of waiters) {
    cancelTimer(step, `wait-${waiter.number}`);
    reply(step, waiter.to, waiter.id, withError(waiter.answer, STEPPED_DOWN));
  }
}

function isReached(state: MemberState, { w, at }: Pick<Waiter, 'w' | 'at'>): boolean {
  switch (w ?? state.set.defaultW) {
    case 1:
      return true;
    case 'majority':
      return state.commit >= at.index;
    default:
      return countReached(state, at) >= Number(w);
  }
}

function countReached(state: MemberState, at: OpTime): number {
  const { members, arbiters } = state.set;
  return members.filter((member) => {
    const place = knownPlace(state, member);
    // A member whose oplog ends in yet another term need not hold the entry.
    const isOfBranch = place.term === at.term || place.term === state.term;
    return isOfBranch && !arbiters.includes(member) && place.index >= at.index;
  }).length;
}

function withError(answer: Waiter['answer'], error: ServerError): Waiter['answer'] {
  return answer.kind === 'written' ? { ...answer, concern: error } : { kind: 'error', error };
}
