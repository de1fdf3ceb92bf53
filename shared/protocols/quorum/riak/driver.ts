import { impossible, unreachable } from '../../../base/assert.ts';
import { keysOf, lookUp, type Table } from '../../../base/table.ts';
import type { VectorClock } from '../../../data/vector-clock.ts';
import type { Driver, DriverInput, DriverOutput, DriverShape } from '../../../sim/driver.ts';
import { isMembershipChange, type Operation, type Outcome } from '../../../sim/operation.ts';
import type { Ambient } from '../../../sim/protocol.ts';
import { type AdministratorState, onChangeReply, onChangeTimer, startChange } from './administrator.ts';
import { changeOf, needsFetch, typeOf } from './asked.ts';
import type { TypeName } from './data-types.ts';
import { describeReply, describeRequest } from './describe.ts';
import type { Entry, Update } from './entry.ts';
import { CONNECTION_CLOSED, CONNECTION_REFUSED, invalidOperation } from './errors.ts';
import { readResult, writeResult } from './results.ts';
import type { Reply, Request, RiakKnobs, Wanted } from './types.ts';

export interface RiakDriverShape extends DriverShape {
  readonly knobs: RiakKnobs;
  readonly state: RiakDriverState;
  readonly timer: `errand-${string}`;
  readonly request: Request;
  readonly reply: Reply;
}

export type RiakDriverState = AdministratorState & {
  /** Of each key, what the person at this node has seen: the clock that came with the last read or write. */
  readonly contexts: Table<VectorClock>;
  /** Operations under way, by the number of the request that is out for them. */
  readonly pending: Table<Pending>;
};

/** `fetch`: what comes back is needed for the write that follows. */
type Pending = { readonly operation: Operation; readonly stage: 'fetch' | 'last' };

type Output = DriverOutput<RiakDriverShape>;

/**
 * A Riak client over HTTP, at one node. It stores with `returnbody=true`, so it learns the new clock, and sends
 * the clock of what the person has seen with the next write (`X-Riak-Vclock`). Who has seen nothing writes
 * without: that makes a sibling. Deletes and removals fetch first, so that they concern only what is there.
 */
export const riakDriver: Driver<RiakDriverShape> = {
  init: ({ self }) => ({ self, contexts: {}, pending: {}, requests: 0 }),
  step,
  refused: CONNECTION_REFUSED.error,
  interrupted: CONNECTION_CLOSED.error,
  describeRequest,
  describeReply,
};

function step(
  state: RiakDriverState,
  input: DriverInput<RiakDriverShape>,
  { now }: Pick<Ambient, 'now'>,
): Output[] {
  switch (input.kind) {
    case 'operation':
      return isMembershipChange(input.operation.kind)
        ? startChange(state, input.operation, now)
        : begin(state, input.operation);
    case 'reply':
      return onChangeReply(state, input.id, input.reply, now) ?? onReply(state, input.id, input.reply);
    case 'timer':
      return onChangeTimer(state, input.timer, now);
    case 'start':
    case 'disconnected':
      return [];
    default:
      return unreachable(input);
  }
}

function begin(state: RiakDriverState, operation: Operation): Output[] {
  const { kind, key } = operation;
  const type = typeOf(operation);
  if (kind === 'read' || kind === 'delete') return fetch(state, operation);
  if (type === null) {
    return put(state, operation, { kind: 'store', value: operation.value ?? null });
  }
  const change = changeOf(type, operation);
  if (change === null) {
    const { error } = invalidOperation(type, kind);
    return finish(operation, { class: 'fail', error });
  }
  if (needsFetch(change)) return fetch(state, operation);
  return ask(state, operation, 'last', {
    kind: 'put',
    key,
    update: { kind: 'change', change, seen: null },
    context: {},
    wanted: wantedBy(operation),
  });
}

function onReply(state: RiakDriverState, id: number, reply: Reply): Output[] {
  const pending = lookUp(state.pending, String(id));
  if (pending === undefined) return [];
  delete state.pending[String(id)];
  const { operation } = pending;
  switch (reply.kind) {
    case 'found':
      note(state, operation, reply.entry);
      return onFound(state, operation, reply.entry);
    case 'stored':
      note(state, operation, reply.entry);
      return finish(operation, { class: 'ok', result: writeResult(operation, reply.entry) });
    case 'refused':
      return finish(operation, { class: reply.class, error: reply.error });
    case 'done':
    case 'planned':
      return impossible('what an administrator is told is no answer to a client');
    default:
      return unreachable(reply);
  }
}

function onFound(state: RiakDriverState, operation: Operation, entry: Entry): Output[] {
  const type = typeOf(operation);
  if (operation.kind === 'read') {
    return finish(operation, { class: 'ok', result: readResult(operation, entry) });
  }
  if (operation.kind === 'delete')
    return put(state, operation, { kind: 'clear', seen: typesIn(entry, type) });
  const change = type === null ? null : changeOf(type, operation);
  if (type === null || change === null)
    return impossible(`the Riak driver fetches nothing for a ${operation.kind}`);
  return put(state, operation, { kind: 'change', change, seen: lookUp(entry.types, type) ?? null });
}

/** A delete without a type deletes whatever is under the key. */
function typesIn({ types }: Entry, type: TypeName | null): Entry['types'] {
  if (type === null) return types;
  const held = lookUp(types, type);
  return held === undefined ? {} : { [type]: held };
}

function note(state: RiakDriverState, { key }: Operation, { object }: Entry): void {
  if (keysOf(object.seen).length > 0) state.contexts[key] = object.seen;
}

function fetch(state: RiakDriverState, operation: Operation): Output[] {
  const { kind, key } = operation;
  const wanted = kind === 'read' ? wantedBy(operation) : {};
  return ask(state, operation, kind === 'read' ? 'last' : 'fetch', { kind: 'get', key, wanted });
}

/** A delete of one data type leaves the object under the same key alone: it is in another bucket. */
function put(state: RiakDriverState, operation: Operation, update: Update): Output[] {
  const { key, kind } = operation;
  const touchesObject = update.kind === 'store' || (kind === 'delete' && typeOf(operation) === null);
  const context = touchesObject ? (lookUp(state.contexts, key) ?? {}) : {};
  return ask(state, operation, 'last', { kind: 'put', key, update, context, wanted: wantedBy(operation) });
}

function ask(
  state: RiakDriverState,
  operation: Operation,
  stage: Pending['stage'],
  request: Request,
): Output[] {
  const id = ++state.requests;
  state.pending[String(id)] = { operation, stage };
  return [{ kind: 'request', to: state.self, id, request }];
}

function wantedBy({ options = {} }: Operation): Wanted {
  const wanted: Table<Wanted[string]> = {};
  for (const name of keysOf(options)) {
    const value = lookUp(options, name);
    if (name !== 'type' && value !== undefined) wanted[name] = value;
  }
  return wanted;
}

function finish(operation: Operation, outcome: Outcome): Output[] {
  return [{ kind: 'finish', id: operation.id, outcome }];
}
