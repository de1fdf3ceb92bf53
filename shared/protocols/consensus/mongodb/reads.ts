import { lookUp } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { append, compare, lastOf, placeAt } from './oplog.ts';
import { TIME_LIMIT, type FindRequest, type Reply, type ServerError } from './requests.ts';
import { cancelTimer, reply, setTimer, type Step } from './step.ts';
import type { MemberState, OpTime } from './types.ts';
import { answerWhenReached, isWaiting } from './write-concern.ts';

const NOT_LINEARIZABLE: ServerError = {
  code: 10107,
  message: 'cannot satisfy linearizable read concern on non-primary node',
  retryable: true,
};
const NOT_PRIMARY: ServerError = {
  code: 13435,
  message: 'not primary and secondaryOk=false',
  retryable: true,
};
const NOT_READABLE: ServerError = {
  code: 13436,
  message: 'not primary or secondary; cannot currently read from this replSet member',
  retryable: true,
};
/** ReadConcernArgs::parse. */
const NOT_CAUSAL: ServerError = {
  code: 72,
  message: 'afterClusterTime field can be set only if level is equal to majority, local, or snapshot',
  retryable: false,
};

/**
 * A client's read. `local` and `available` see what this member has, be it rolled back later; `majority` what
 * cannot be; `linearizable` makes sure by a no-op on a majority that nobody else has become primary. A read of a
 * causally consistent session waits until this member has what the session has seen.
 */
export function onFind(step: Step, from: NodeId, id: number, request: FindRequest): void {
  const { state } = step;
  if (isWaiting(state, from, id) || isReading(state, from, id)) return;
  const error = refuse(state, request);
  if (error !== null) reply(step, from, id, { kind: 'error', error });
  else if (request.level === 'linearizable') {
    const at = append(step, null, null);
    const waiter = { to: from, id, at, w: 'majority', answer: find(state, request) } as const;
    answerWhenReached(step, waiter, request.maxTimeMS);
  } else if (hasSeen(state, request)) reply(step, from, id, find(state, request));
  else {
    const number = ++state.waits;
    state.readers.push({ to: from, id, number, find: request });
    if (request.maxTimeMS > 0) setTimer(step, `wait-${number}`, request.maxTimeMS);
  }
}

/** This member has more, or knows more to be committed: who waited for that reads now. */
export function checkReaders(step: Step): void {
  const { state } = step;
  if (state.readers.length === 0) return;
  const ready = state.readers.filter(({ find: request }) => hasSeen(state, request));
  state.readers = state.readers.filter((reader) => !ready.includes(reader));
  for (const { to, id, number, find: request } of ready) {
    cancelTimer(step, `wait-${number}`);
    const error = refuse(state, request);
    reply(step, to, id, error === null ? find(state, request) : { kind: 'error', error });
  }
}

/** The time of a read is up. */
export function onReadTimer(step: Step, number: number): void {
  const { state } = step;
  const reader = state.readers.find((candidate) => candidate.number === number);
  if (reader === undefined) return;
  state.readers = state.readers.filter((candidate) => candidate !== reader);
  reply(step, reader.to, reader.id, { kind: 'error', error: TIME_LIMIT });
}

function refuse(
  state: MemberState,
  { level, secondaryOk, afterClusterTime }: FindRequest,
): ServerError | null {
  if (afterClusterTime !== undefined && level !== 'local' && level !== 'majority') return NOT_CAUSAL;
  if (state.writable) return null;
  if (level === 'linearizable') return NOT_LINEARIZABLE;
  if (state.role !== 'secondary' && state.role !== 'primary') return NOT_READABLE;
  return secondaryOk ? null : NOT_PRIMARY;
}

function isReading({ readers }: MemberState, to: NodeId, id: number): boolean {
  return readers.some((reader) => reader.to === to && reader.id === id);
}

function hasSeen(state: MemberState, { level, afterClusterTime }: FindRequest): boolean {
  return afterClusterTime === undefined || compare(placeRead(state, level), afterClusterTime) >= 0;
}

function find(state: MemberState, { level, key }: FindRequest): Reply {
  const { documents } = level === 'majority' ? state.committed : state.data;
  const value = lookUp(documents, key)?.value ?? null;
  return { kind: 'found', value, operationTime: placeRead(state, level) };
}

/** How far what is read reaches. */
function placeRead(state: MemberState, level: FindRequest['level']): OpTime {
  return level === 'majority' ? placeAt(state, state.commit) : lastOf(state);
}
