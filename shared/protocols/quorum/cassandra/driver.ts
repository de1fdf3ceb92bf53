import { impossible, unreachable } from '../../../base/assert.ts';
import { lookUp, type Table } from '../../../base/table.ts';
import type { Driver, DriverInput, DriverOutput, DriverShape } from '../../../sim/driver.ts';
import type { NodeId, Operation, Outcome, Result, Value } from '../../../sim/operation.ts';
import { CONSISTENCY_LEVELS, type Consistency, isSerial } from './consistency.ts';
import { describeReply, describeRequest, describeTime } from './describe.ts';
import { classOf, errorOf } from './errors.ts';
import type { CassandraKnobs, Change, Condition, Reply, Request } from './types.ts';

export interface CassandraDriverShape extends DriverShape {
  readonly knobs: CassandraKnobs;
  readonly state: CassandraDriverState;
  readonly timer: never;
  readonly request: Request;
  readonly reply: Reply;
}

export type CassandraDriverState = {
  readonly self: NodeId;
  /** The level of operations that name none. */
  readonly consistency: Consistency;
  /** Operations under way, by the number of their request. */
  readonly pending: Table<Operation>;
  requests: number;
};

type Output = DriverOutput<CassandraDriverShape>;

/**
 * The Java driver with one contact point, the node the student sits at, as coordinator of everything. It tries
 * nothing again: by its default policy a timed-out write is the application's to think about.
 */
export const cassandraDriver: Driver<CassandraDriverShape> = {
  init: ({ self, knobs }) => ({ self, consistency: knobs.consistency, pending: {}, requests: 0 }),
  step,
  refused: 'All host(s) tried for query failed (no host was tried)',
  interrupted: 'Connection has been closed',
  describeRequest,
  describeReply,
};

function step(state: CassandraDriverState, input: DriverInput<CassandraDriverShape>): Output[] {
  switch (input.kind) {
    case 'operation': {
      const id = ++state.requests;
      state.pending[String(id)] = input.operation;
      return [
        { kind: 'request', to: state.self, id, request: requestOf(input.operation, state.consistency) },
      ];
    }
    case 'reply': {
      const operation = lookUp(state.pending, String(input.id));
      if (operation === undefined) return [];
      delete state.pending[String(input.id)];
      return [{ kind: 'finish', id: operation.id, outcome: outcomeOf(operation, input.reply) }];
    }
    case 'start':
    case 'disconnected':
    case 'timer':
      return [];
    default:
      return unreachable(input);
  }
}

function requestOf(operation: Operation, byDefault: Consistency): Request {
  const { kind, key } = operation;
  const value = operation.value ?? null;
  const asked = levelOf(optionOf(operation, 'consistency')) ?? byDefault;
  const column = textOf(optionOf(operation, 'column'));
  switch (kind) {
    case 'read':
      return { kind: 'read', key, consistency: asked, column };
    case 'write':
    case 'cas':
      return statement(operation, asked, { kind: 'assign', column, value });
    case 'delete':
      return statement(operation, asked, { kind: 'delete' });
    case 'add':
    case 'remove':
    case 'append':
      return statement(operation, asked, { kind, value });
    case 'increment':
      return { kind: 'increment', key, by: typeof value === 'number' ? value : 1, consistency: asked };
    case 'sync':
      return { kind: 'repair' };
    default:
      return impossible(`the Cassandra driver takes no ${kind}`);
  }
}

/** A conditional statement has two levels: asked for a serial one, it commits at a quorum. */
function statement(operation: Operation, asked: Consistency, change: Change): Request {
  const condition = conditionOf(operation);
  const isConditional = condition !== null;
  const timestamp = optionOf(operation, 'timestamp');
  return {
    kind: 'write',
    key: operation.key,
    change,
    consistency: isConditional && isSerial(asked) ? 'QUORUM' : asked,
    serial: isSerial(asked) ? asked : 'SERIAL',
    condition,
    timestamp: typeof timestamp === 'number' ? timestamp : null,
  };
}

/** `IF EXISTS`, `IF NOT EXISTS`, or `IF column = value`; null is what an absent column is equal to. */
function conditionOf(operation: Operation): Condition | null {
  const column = textOf(optionOf(operation, 'column'));
  if (operation.kind === 'cas') return { kind: 'equals', column, value: operation.expected ?? null };
  const value = optionOf(operation, 'if');
  if (value === undefined) return null;
  if (value === 'EXISTS') return { kind: 'exists' };
  if (value === 'NOT EXISTS') return { kind: 'not-exists' };
  return { kind: 'equals', column, value };
}

function outcomeOf(operation: Operation, reply: Reply): Outcome {
  switch (reply.kind) {
    case 'row': {
      const version = reply.timestamp === 0 ? {} : { version: describeTime(reply.timestamp) };
      return ok({ value: reply.value, ...version });
    }
    case 'written':
      return ok({ version: describeTime(reply.timestamp) });
    case 'conditional':
      return ok(reply.applied ? { applied: true } : { applied: false, value: reply.value });
    case 'repaired':
      return ok({});
    default:
      return { class: classOf(reply), error: errorOf(reply) };
  }
}

function ok(result: Result): Outcome {
  return { class: 'ok', result };
}

function optionOf({ options = {} }: Operation, name: string): Value | undefined {
  const value = lookUp(options, name);
  return typeof value === 'object' && value !== null ? undefined : value;
}

function levelOf(value: Value | undefined): Consistency | undefined {
  return CONSISTENCY_LEVELS.find((level) => level === value);
}

function textOf(value: Value | undefined): string | null {
  return value === undefined || value === null ? null : String(value);
}
