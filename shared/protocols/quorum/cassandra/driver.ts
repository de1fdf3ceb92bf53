import { impossible, unreachable } from '../../../base/assert.ts';
import { lookUp, type Table } from '../../../base/table.ts';
import type { Driver, DriverInput, DriverOutput, DriverShape } from '../../../sim/driver.ts';
import type { NodeId, Operation, Outcome, Result, Value } from '../../../sim/operation.ts';
import type { Ambient } from '../../../sim/protocol.ts';
import {
  errandAt,
  errandOf,
  ERRAND_PAUSE,
  isHopeless,
  silenceOf,
  type Errand,
  type Errands,
} from '../errand.ts';
import { CONSISTENCY_LEVELS, type Consistency, isSerial } from './consistency.ts';
import { describeReply, describeRequest, describeTime } from './describe.ts';
import { classOf, errorOf, NO_HOST } from './errors.ts';
import type { CassandraKnobs, Change, Condition, Reply, Request } from './types.ts';

export interface CassandraDriverShape extends DriverShape {
  readonly knobs: CassandraKnobs;
  readonly state: CassandraDriverState;
  readonly timer: `errand-${string}`;
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
  /** Nodes that an administrator at this one has asked to join or to leave. */
  errands?: Errands;
};

type Output = DriverOutput<CassandraDriverShape>;

/**
 * The Java driver with one contact point, the node the student sits at, as coordinator of everything. It tries
 * nothing again: by its default policy a timed-out write is the application's to think about.
 */
export const cassandraDriver: Driver<CassandraDriverShape> = {
  init: ({ self, knobs }) => ({ self, consistency: knobs.consistency, pending: {}, requests: 0 }),
  step,
  refused: NO_HOST,
  interrupted: 'Connection has been closed',
  describeRequest,
  describeReply,
};

function step(
  state: CassandraDriverState,
  input: DriverInput<CassandraDriverShape>,
  { now }: Ambient,
): Output[] {
  switch (input.kind) {
    case 'operation': {
      const { kind } = input.operation;
      if (kind === 'join' || kind === 'leave') return startErrand(state, input.operation, now);
      const id = ++state.requests;
      state.pending[String(id)] = input.operation;
      return [
        { kind: 'request', to: state.self, id, request: requestOf(input.operation, state.consistency) },
      ];
    }
    case 'reply': {
      const errand = errandOf(state.errands, input.id);
      if (errand !== undefined) return onErrandReply(state, errand, input.reply, now);
      const operation = lookUp(state.pending, String(input.id));
      if (operation === undefined) return [];
      delete state.pending[String(input.id)];
      return [{ kind: 'finish', id: operation.id, outcome: outcomeOf(operation, input.reply) }];
    }
    case 'timer':
      return onErrandTimer(state, input.timer, now);
    case 'start':
    case 'disconnected':
      return [];
    default:
      return unreachable(input);
  }
}

/** The machine is started, or `nodetool decommission` is run at it, from here; or another command is run here. */
function startErrand(state: CassandraDriverState, operation: Operation, now: number): Output[] {
  const request = ++state.requests;
  const to = isRemoval(operation) ? state.self : operation.key;
  const errand: Errand = { operation, to, request, heardAt: now, isHeard: false };
  (state.errands ??= {})[operation.id] = errand;
  return ask(errand);
}

function ask({ operation, to, request: id, isHeard: again }: Errand): Output[] {
  const { key, kind } = operation;
  const request: Request = isRemoval(operation)
    ? { kind: 'remove', node: key, again }
    : { kind: kind === 'join' ? 'join' : 'leave', again };
  return [
    { kind: 'set-timer', timer: `errand-${operation.id}`, after: ERRAND_PAUSE },
    { kind: 'request', to, id, request },
  ];
}

/** Whether `nodetool removenode` is run here, and not something at the machine that it is about. */
function isRemoval(operation: Operation): boolean {
  return optionOf(operation, 'command') === 'removenode';
}

function onErrandReply(state: CassandraDriverState, errand: Errand, reply: Reply, now: number): Output[] {
  errand.heardAt = now;
  errand.isHeard = true;
  if (reply.kind === 'moving') return [];
  return endErrand(state, errand, outcomeOf(errand.operation, reply));
}

function onErrandTimer(state: CassandraDriverState, timer: string, now: number): Output[] {
  const errand = errandAt(state.errands, timer);
  if (errand === undefined) return [];
  return isHopeless(errand, now) ? endErrand(state, errand, silenceOf(errand)) : ask(errand);
}

function endErrand(state: CassandraDriverState, { operation: { id } }: Errand, outcome: Outcome): Output[] {
  delete state.errands?.[id];
  return [
    { kind: 'cancel-timer', timer: `errand-${id}` },
    { kind: 'finish', id, outcome },
  ];
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
    case 'moved':
      return ok({});
    case 'moving':
      return impossible('what is not done yet has no outcome');
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
