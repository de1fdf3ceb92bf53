import { impossible, unreachable } from '../../../base/assert.ts';
import { lookUp, type Table } from '../../../base/table.ts';
import type { Driver, DriverInput, DriverOutput, DriverShape } from '../../../sim/driver.ts';
import type { NodeId, Operation, Outcome, Result, Value } from '../../../sim/operation.ts';
import { describeReply, describeRequest } from './describe.ts';
import type { DynamoDbKnobs, Reply, Request } from './types.ts';

export interface DynamoDbDriverShape extends DriverShape {
  readonly knobs: DynamoDbKnobs;
  readonly state: DynamoDbDriverState;
  readonly timer: `retry-${number}`;
  readonly request: Request;
  readonly reply: Reply;
}

export type DynamoDbDriverState = {
  readonly self: NodeId;
  /** Operations under way, by the number of their last attempt. */
  readonly pending: Table<Pending>;
  requests: number;
};

type Pending = {
  readonly operation: Operation;
  readonly attempts: number;
  /** Whether an earlier attempt may have been done. */
  readonly doubtful: boolean;
};

type Output = DriverOutput<DynamoDbDriverShape>;

/** AWS SDK, standard retry mode: three attempts; the pause before the second, which doubles. */
const ATTEMPTS_MAX = 3;
const PAUSE_MS = 50;

/** The literal errors, as `code: message`. */
export const CONDITION_FAILED = 'ConditionalCheckFailedException: The conditional request failed';
export const WRITE_CONFLICT =
  'ReplicatedWriteConflictException: The request was rejected because one or more items in the request are being modified by a request in another Region.';
export const WRONG_TYPE =
  'ValidationException: An operand in the update expression has an incorrect data type';
export const INTERNAL_ERROR = 'InternalServerError: Internal server error';
export const UNAVAILABLE = 'ServiceUnavailable: DynamoDB is currently unavailable.';

/**
 * An AWS SDK at a node, whose endpoint is that node's request router. Server errors (500, 503) are tried again, also
 * when the first attempt may have been done: what is not idempotent (ADD) then counts twice, and a condition may fail
 * because of one's own first attempt.
 */
export const dynamoDbDriver: Driver<DynamoDbDriverShape> = {
  init: ({ self }) => ({ self, pending: {}, requests: 0 }),
  step,
  refused: 'connect ECONNREFUSED',
  interrupted: 'socket hang up',
  describeRequest,
  describeReply,
};

function step(state: DynamoDbDriverState, input: DriverInput<DynamoDbDriverShape>): Output[] {
  switch (input.kind) {
    case 'operation':
      return ask(state, { operation: input.operation, attempts: 1, doubtful: false });
    case 'reply':
      return onReply(state, input.id, input.reply);
    case 'timer': {
      const id = input.timer.slice('retry-'.length);
      const pending = lookUp(state.pending, id);
      if (pending === undefined) return [];
      delete state.pending[id];
      return ask(state, pending);
    }
    case 'start':
    case 'disconnected':
      return [];
    default:
      return unreachable(input);
  }
}

function onReply(state: DynamoDbDriverState, id: number, reply: Reply): Output[] {
  const pending = lookUp(state.pending, String(id));
  if (pending === undefined) return [];
  delete state.pending[String(id)];
  const { operation, attempts } = pending;
  const isRead = operation.kind === 'read';
  const doubtful = pending.doubtful || (!isRead && reply.kind === 'internal-error');
  const failed = (error: string): Output[] => finish(operation, { class: doubtful ? 'info' : 'fail', error });
  switch (reply.kind) {
    case 'item':
    case 'done':
      return finish(operation, { class: 'ok', result: resultOf(operation, reply) });
    case 'condition-failed':
      return failed(CONDITION_FAILED);
    case 'write-conflict':
      return failed(WRITE_CONFLICT);
    case 'wrong-type':
      return failed(WRONG_TYPE);
    case 'unavailable':
    case 'internal-error': {
      if (attempts === ATTEMPTS_MAX)
        return failed(reply.kind === 'unavailable' ? UNAVAILABLE : INTERNAL_ERROR);
      const again = ++state.requests;
      state.pending[String(again)] = { operation, attempts: attempts + 1, doubtful };
      return [{ kind: 'set-timer', timer: `retry-${again}`, after: PAUSE_MS * 2 ** (attempts - 1) }];
    }
    default:
      return unreachable(reply);
  }
}

function ask(state: DynamoDbDriverState, pending: Pending): Output[] {
  const id = ++state.requests;
  state.pending[String(id)] = pending;
  return [{ kind: 'request', to: state.self, id, request: requestOf(pending.operation) }];
}

function requestOf({ kind, key, value = null, expected = null, options = {} }: Operation): Request {
  const asked = lookUp(options, 'condition');
  const condition = typeof asked === 'object' && asked !== null ? undefined : asked;
  const conditional = condition === undefined ? {} : { condition };
  const update = { kind: 'update', key, ...conditional } as const;
  switch (kind) {
    case 'read':
      return { kind: 'get', key, consistent: lookUp(options, 'consistentRead') === true };
    case 'write':
      return { ...update, update: { kind: 'put', value } };
    case 'delete':
      return { ...update, update: { kind: 'delete' } };
    case 'cas':
      return { ...update, condition: expected, update: { kind: 'put', value } };
    case 'increment':
      return { ...update, update: { kind: 'add-number', by: numberOf(value) } };
    case 'add':
      return { ...update, update: { kind: 'add-item', item: value } };
    case 'remove':
      return { ...update, update: { kind: 'delete-item', item: value } };
    default:
      return impossible(`the DynamoDB driver was asked to ${kind}`);
  }
}

function numberOf(value: Value): number {
  return typeof value === 'number' ? value : 1;
}

function resultOf({ kind }: Operation, reply: Extract<Reply, { readonly kind: 'item' | 'done' }>): Result {
  switch (kind) {
    case 'write':
    case 'delete':
      return {};
    case 'cas':
      return { applied: true };
    default:
      return { value: reply.value };
  }
}

function finish({ id }: Operation, outcome: Outcome): Output[] {
  return [{ kind: 'finish', id, outcome }];
}
