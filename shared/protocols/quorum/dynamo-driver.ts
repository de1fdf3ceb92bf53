import { impossible, unreachable } from '../../base/assert.ts';
import { lookUp, type Table } from '../../base/table.ts';
import type { VersionVector } from '../../data/version-vector.ts';
import { describeVector } from '../../data/version-vector.ts';
import { describeVersions } from '../../data/versions.ts';
import type { Driver, DriverInput, DriverOutput, DriverShape } from '../../sim/driver.ts';
import type { NodeId, Operation, Outcome, Value } from '../../sim/operation.ts';
import { distinctValues, unionOf, withItem, withoutItem } from './cart.ts';
import { describeReply, describeRequest } from './describe.ts';
import { REFUSED } from './turn.ts';
import type { Copies, QuorumKnobs, Reply, Request, Stored } from './types.ts';

export interface DynamoDriverShape extends DriverShape {
  readonly knobs: QuorumKnobs;
  readonly state: DynamoDriverState;
  readonly timer: never;
  readonly request: Request;
  readonly reply: Reply;
}

export type DynamoDriverState = {
  readonly self: NodeId;
  /** Of each key, what the person at this node has seen: their last read, or their own write after it. */
  readonly contexts: Table<Readonly<VersionVector>>;
  /** Operations under way, by the number of the request that is out for them. */
  readonly pending: Table<Pending>;
  requests: number;
};

/** `written`: the value that the put carries; null while the get before it is out. */
type Pending = {
  readonly operation: Operation;
  readonly written: Stored | null;
  readonly stage: 'get' | 'put';
};

type Output = DriverOutput<DynamoDriverShape>;

/**
 * Dynamo's client library with the application on top of it (DeCandia et al. 2007 §4.1, §4.4). It asks the node
 * it sits at, like a service that is told of one storage node by its load balancer. A put carries the context
 * of what the person has seen: what they have not seen survives beside it as a sibling. Who has seen nothing of
 * a key gets it first, as the cart does; when even that fails, the put goes out with an empty context, because
 * an add to the cart is never to be turned away.
 */
export const dynamoDriver: Driver<DynamoDriverShape> = {
  init: ({ self }) => ({ self, contexts: {}, pending: {}, requests: 0 }),
  step,
  refused: REFUSED,
  interrupted: 'connection reset',
  describeRequest,
  describeReply,
};

function step(state: DynamoDriverState, input: DriverInput<DynamoDriverShape>): Output[] {
  switch (input.kind) {
    case 'operation':
      return begin(state, input.operation);
    case 'reply':
      return onReply(state, input.id, input.reply);
    case 'start':
    case 'disconnected':
    case 'timer':
      return [];
    default:
      return unreachable(input);
  }
}

function begin(state: DynamoDriverState, operation: Operation): Output[] {
  const { kind, key } = operation;
  if (kind === 'join' || kind === 'leave') {
    const request: Request = { kind: 'change', node: key, joins: kind === 'join' };
    return ask(state, { operation, written: null, stage: 'put' }, request);
  }
  const context = lookUp(state.contexts, key);
  if ((kind === 'write' || kind === 'delete') && context !== undefined) {
    return put(state, operation, operation.value ?? null, context);
  }
  return ask(state, { operation, written: null, stage: 'get' }, { kind: 'get', key });
}

function onReply(state: DynamoDriverState, id: number, reply: Reply): Output[] {
  const pending = lookUp(state.pending, String(id));
  if (pending === undefined) return [];
  delete state.pending[String(id)];
  const { operation } = pending;
  switch (reply.kind) {
    case 'found':
      state.contexts[operation.key] = reply.context;
      return onFound(state, operation, reply.versions, reply.context);
    case 'stored':
      state.contexts[operation.key] = reply.context;
      return finish(operation, {
        class: 'ok',
        result: { ...cartOf(pending), version: describeVector(reply.context) },
      });
    case 'changed':
      return finish(operation, { class: 'ok', result: {} });
    case 'refused':
      return onRefused(state, pending, reply);
    default:
      return unreachable(reply);
  }
}

function onFound(
  state: DynamoDriverState,
  operation: Operation,
  versions: Copies,
  context: Readonly<VersionVector>,
): Output[] {
  const item = operation.value ?? null;
  switch (operation.kind) {
    case 'read':
      return finish(operation, { class: 'ok', result: readResult(versions) });
    case 'write':
    case 'delete':
      return put(state, operation, item, context);
    case 'add':
      return put(state, operation, withItem(unionOf(versions), item), context);
    case 'remove':
      return put(state, operation, withoutItem(unionOf(versions), item), context);
    default:
      return impossible(`the Dynamo driver takes no ${operation.kind}`);
  }
}

/** Without the get a write goes on with an empty context; a removal knows nothing to remove from, and ends. */
function onRefused(
  state: DynamoDriverState,
  { operation, stage }: Pending,
  { class: kind, error }: Reply & { kind: 'refused' },
): Output[] {
  const item = operation.value ?? null;
  if (stage === 'put' || operation.kind === 'read' || operation.kind === 'remove') {
    return finish(operation, { class: kind, error });
  }
  return put(state, operation, operation.kind === 'add' ? withItem([], item) : item, {});
}

function put(
  state: DynamoDriverState,
  operation: Operation,
  value: Stored,
  context: Readonly<VersionVector>,
): Output[] {
  const deleted = operation.kind === 'delete';
  const written = deleted ? null : value;
  const request: Request = { kind: 'put', key: operation.key, value: written, deleted, context };
  return ask(state, { operation, written, stage: 'put' }, request);
}

function ask(state: DynamoDriverState, pending: Pending, request: Request): Output[] {
  const id = ++state.requests;
  state.pending[String(id)] = pending;
  return [{ kind: 'request', to: state.self, id, request }];
}

/** All concurrent values; the single one as `value`, too, which is null when there is nothing. */
function readResult(versions: Copies): { values: Stored[]; value?: Stored; version?: string } {
  const values = distinctValues(versions);
  const version = versions.length === 0 ? {} : { version: describeVersions(versions) };
  if (values.length > 1) return { values, ...version };
  return { values, value: values[0] ?? null, ...version };
}

/** After a change to a cart: the cart that was written. */
function cartOf({ operation, written }: Pending): { value?: readonly Value[] } {
  const changesCart = operation.kind === 'add' || operation.kind === 'remove';
  return changesCart && Array.isArray(written) ? { value: written as readonly Value[] } : {};
}

function finish(operation: Operation, outcome: Outcome): Output[] {
  return [{ kind: 'finish', id: operation.id, outcome }];
}
