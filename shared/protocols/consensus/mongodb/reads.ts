import { lookUp } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { append } from './oplog.ts';
import type { Reply, Request, ServerError } from './requests.ts';
import { reply, type Step } from './step.ts';
import type { Data, MemberState } from './types.ts';
import { answerWhenReached, isWaiting } from './write-concern.ts';

type FindRequest = Extract<Request, { kind: 'find' }>;

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

/**
 * A client's read. `local` and `available` see what this member has, be it rolled back later; `majority` what
 * cannot be; `linearizable` makes sure by a no-op on a majority that nobody else has become primary.
 */
export function onFind(step: Step, from: NodeId, id: number, request: FindRequest): void {
  const { state } = step;
  if (isWaiting(state, from, id)) return;
  const error = refuse(state, request);
  if (error !== null) {
    reply(step, from, id, { kind: 'error', error });
    return;
  }
  const found = find(request.level === 'majority' ? state.committed : state.data, request.key);
  if (request.level !== 'linearizable') {
    reply(step, from, id, found);
    return;
  }
  const at = append(step, null, null);
  answerWhenReached(step, { to: from, id, at, w: 'majority', answer: found }, request.maxTimeMS);
}

function refuse(state: MemberState, { level, secondaryOk }: FindRequest): ServerError | null {
  if (state.writable) return null;
  if (level === 'linearizable') return NOT_LINEARIZABLE;
  if (state.role !== 'secondary' && state.role !== 'primary') return NOT_READABLE;
  return secondaryOk ? null : NOT_PRIMARY;
}

function find(data: Data, key: string): Reply {
  return { kind: 'found', value: lookUp(data.documents, key)?.value ?? null };
}
