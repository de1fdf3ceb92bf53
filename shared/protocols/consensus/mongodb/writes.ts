import { unreachable } from '../../../base/assert.ts';
import { lookUp } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { append, lastOf } from './oplog.ts';
import type { Request, ServerError, WriteConcern } from './requests.ts';
import { reply, type Step } from './step.ts';
import type { Change, OpTime, Written } from './types.ts';
import { evaluate } from './update.ts';
import { answerWhenReached, isWaiting } from './write-concern.ts';

type WriteRequest = Extract<Request, { kind: 'write' }>;

const NOT_PRIMARY: ServerError = { code: 10107, message: 'not primary', retryable: true };

/**
 * A client's write. The primary carries it out at once and then waits for the write concern: not waiting is all
 * that w: 1 saves. A retry that carries the number of a write already done is told its result, and waits again.
 */
export function onWrite(step: Step, from: NodeId, id: number, request: WriteRequest): void {
  const { state } = step;
  if (isWaiting(state, from, id)) return;
  if (!state.writable) {
    reply(step, from, id, { kind: 'error', error: NOT_PRIMARY });
    return;
  }
  const done = lookUp(state.data.sessions, request.session);
  if (done !== undefined && done.number >= request.number) {
    // An echo of an older write of the session reaches nobody who waits for it.
    if (done.number === request.number) acknowledge(step, from, id, done.at, done.result, request.concern);
    return;
  }
  const outcome = evaluate(lookUp(state.data.documents, request.key), request);
  switch (outcome.kind) {
    case 'error':
      reply(step, from, id, { kind: 'error', error: outcome.error });
      return;
    case 'unchanged':
      // It may rest on what is not committed yet, so it waits for that.
      acknowledge(step, from, id, lastOf(state), outcome.result, request.concern);
      return;
    case 'changed':
      acknowledge(
        step,
        from,
        id,
        write(step, request, outcome.after, outcome.result),
        outcome.result,
        request.concern,
      );
      return;
    default:
      unreachable(outcome);
  }
}

function write(step: Step, request: WriteRequest, after: Change['after'], result: Written): OpTime {
  const { key, session, number } = request;
  return append(step, { key, after }, { session, number, result });
}

function acknowledge(
  step: Step,
  to: NodeId,
  id: number,
  at: OpTime,
  result: Written,
  { w, wtimeout }: WriteConcern,
): void {
  const answer = { kind: 'written', result, concern: null, operationTime: at } as const;
  answerWhenReached(step, { to, id, at, w, answer }, wtimeout);
}
