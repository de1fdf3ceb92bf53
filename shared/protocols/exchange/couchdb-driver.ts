import { impossible, unreachable } from '../../base/assert.ts';
import { equal } from '../../base/json.ts';
import { lookUp, type Table } from '../../base/table.ts';
import { conflictsOf, revisionOf, winnerOf } from '../../data/revision-tree.ts';
import type { Driver, DriverInput, DriverOutput, DriverShape } from '../../sim/driver.ts';
import {
  isMembershipChange,
  type Operation,
  type OptionValue,
  type Outcome,
  type Result,
  type Stored,
  type Value,
} from '../../sim/operation.ts';
import type { Ambient } from '../../sim/protocol.ts';
import { type AdministratorState, onChangeReply, onChangeTimer, startChange } from './administrator.ts';
import { describeReply, describeRequest } from './describe.ts';
import { BAD_REVISION, CONFLICT, DELETED, INTERRUPTED, MISSING, NOT_A_LIST, REFUSED } from './errors.ts';
import type { CouchKnobs, Document, DocumentLeaf, Reply, Request } from './types.ts';

export interface CouchDriverShape extends DriverShape {
  readonly knobs: CouchKnobs;
  readonly state: CouchDriverState;
  readonly timer: `change-${string}`;
  readonly request: Request;
  readonly reply: Reply;
}

export type CouchDriverState = AdministratorState & {
  /** Operations under way, by the number of the request that is out for them. */
  readonly pending: Table<Pending>;
};

/** `put`: what the document becomes if the put under way succeeds. */
type Pending = {
  readonly operation: Operation;
  readonly attempts: number;
  readonly put: { readonly value: Stored; readonly deleted: boolean } | null;
};

type Output = DriverOutput<CouchDriverShape>;

/** How often a change to a list begins again after a conflict, as `upsert` helpers do. */
const ATTEMPTS_MAX = 5;

/**
 * A client of the server at its own node, over HTTP. Nobody writes blind: it gets the document first and puts over the
 * revision that it found, unless a revision is named. A change to a list begins again when somebody was faster; a
 * plain write is told of the conflict.
 */
export const couchDriver: Driver<CouchDriverShape> = {
  init: ({ self }) => ({ self, pending: {}, requests: 0 }),
  step,
  refused: REFUSED,
  interrupted: INTERRUPTED,
  describeRequest,
  describeReply,
};

function step(state: CouchDriverState, input: DriverInput<CouchDriverShape>, { now }: Ambient): Output[] {
  switch (input.kind) {
    case 'operation':
      if (isMembershipChange(input.operation.kind)) return startChange(state, input.operation, now);
      return begin(state, input.operation, 1);
    case 'reply': {
      const pending = lookUp(state.pending, String(input.id));
      if (pending === undefined) return onChangeReply(state, input.id, input.reply, now) ?? [];
      delete state.pending[String(input.id)];
      return onReply(state, pending, input.reply);
    }
    case 'timer':
      return onChangeTimer(state, input.timer, now);
    case 'start':
    case 'disconnected':
      return [];
    default:
      return unreachable(input);
  }
}

function begin(state: CouchDriverState, operation: Operation, attempts: number): Output[] {
  const { kind, key } = operation;
  if (kind === 'sync') return ask(state, { operation, attempts, put: null }, { kind: 'replicate' });
  const named = operation.options?.['rev'];
  if (named !== undefined && named !== null && !isRevision(named)) {
    return finish(operation, { class: 'fail', error: BAD_REVISION });
  }
  if (named !== undefined && (kind === 'write' || kind === 'delete')) {
    const wanted = { value: kind === 'write' ? (operation.value ?? null) : null, deleted: kind === 'delete' };
    return put(state, operation, attempts, named, wanted);
  }
  const r = numberOf(operation, 'r');
  return ask(state, { operation, attempts, put: null }, { kind: 'get', key, r });
}

function isRevision(named: OptionValue): named is string {
  return typeof named === 'string' && /^[1-9]\d*-[0-9a-f]+$/.test(named);
}

function onReply(state: CouchDriverState, pending: Pending, reply: Reply): Output[] {
  const { operation, attempts } = pending;
  switch (reply.kind) {
    case 'document':
      return operation.kind === 'read'
        ? finish(operation, readOutcome(operation, reply.revisions))
        : change(state, operation, attempts, winnerOf(reply.revisions));
    case 'stored':
      return finish(operation, { class: 'ok', result: writeResult(pending, reply.status, reply.leaf) });
    case 'replicated':
      return finish(operation, { class: 'ok', result: { status: reply.status } });
    case 'error':
      return onError(state, pending, reply);
    case 'status':
    case 'edited':
      return impossible(`a client was answered as an administrator is: ${reply.kind}`);
    default:
      return unreachable(reply);
  }
}

/** What was only read is certainly not written. */
function onError(
  state: CouchDriverState,
  { operation, attempts, put }: Pending,
  reply: Extract<Reply, { readonly kind: 'error' }>,
): Output[] {
  const { kind } = operation;
  const isCertain = reply.class === 'fail';
  if (
    reply.error === CONFLICT &&
    isCertain &&
    attempts < ATTEMPTS_MAX &&
    (kind === 'add' || kind === 'remove')
  ) {
    return begin(state, operation, attempts + 1);
  }
  const isWrite = put !== null || kind === 'sync';
  return finish(operation, { class: isWrite ? reply.class : 'fail', error: reply.error });
}

/** The document is here: what becomes of it. */
function change(
  state: CouchDriverState,
  operation: Operation,
  attempts: number,
  winner: DocumentLeaf | null,
): Output[] {
  const { kind, value = null, expected = null } = operation;
  const live = winner === null || winner.deleted ? null : winner;
  const parent = live === null ? null : revisionOf(live);
  const found = live?.value ?? null;
  switch (kind) {
    case 'write':
      return put(state, operation, attempts, parent, { value, deleted: false });
    case 'delete': {
      const error = winner === null ? MISSING : DELETED;
      if (live === null) return finish(operation, { class: 'fail', error });
      return put(state, operation, attempts, parent, { value: null, deleted: true });
    }
    case 'cas':
      if (!equal(found, expected)) {
        return finish(operation, { class: 'ok', result: { applied: false, value: found } });
      }
      return put(state, operation, attempts, parent, { value, deleted: false });
    case 'add':
    case 'remove': {
      const items = itemsOf(found);
      if (items === null) return finish(operation, { class: 'fail', error: NOT_A_LIST });
      const others = items.filter((item) => item !== value);
      const changed = kind === 'add' ? [...others, value] : others;
      if (changed.length === items.length && items.includes(value) === (kind === 'add')) {
        return finish(operation, { class: 'ok', result: { value: items } });
      }
      return put(state, operation, attempts, parent, { value: changed, deleted: false });
    }
    default:
      return impossible(`the CouchDB driver was asked to ${kind}`);
  }
}

/** Null: something that is no list is there. */
function itemsOf(found: Stored): readonly Value[] | null {
  if (found === null) return [];
  return typeof found === 'object' ? found : null;
}

function put(
  state: CouchDriverState,
  operation: Operation,
  attempts: number,
  parent: string | null,
  wanted: { readonly value: Stored; readonly deleted: boolean },
): Output[] {
  const w = numberOf(operation, 'w');
  const edit = { key: operation.key, parent, ...wanted };
  return ask(state, { operation, attempts, put: wanted }, { kind: 'put', edit, w });
}

function ask(state: CouchDriverState, pending: Pending, request: Request): Output[] {
  const id = ++state.requests;
  state.pending[String(id)] = pending;
  return [{ kind: 'request', to: state.self, id, request }];
}

/** With `rev` that very revision, as long as it is a leaf; else the winner, with the losers' revisions. */
function readOutcome({ options }: Operation, revisions: Document): Outcome {
  const named = options?.['rev'];
  if (typeof named === 'string') {
    const leaf = revisions.find((known) => revisionOf(known) === named);
    if (leaf === undefined) return { class: 'fail', error: MISSING };
    return { class: 'ok', result: { value: leaf.value, version: named, status: 200 } };
  }
  const winner = winnerOf(revisions);
  if (winner === null || winner.deleted) return { class: 'ok', result: { value: null, status: 404 } };
  const conflicts = conflictsOf(revisions).map(revisionOf);
  const result = { value: winner.value, version: revisionOf(winner), status: 200 };
  return { class: 'ok', result: conflicts.length === 0 ? result : { ...result, conflicts } };
}

function writeResult({ operation, put }: Pending, status: number, leaf: DocumentLeaf): Result {
  const result = { version: revisionOf(leaf), status };
  if (operation.kind === 'cas') return { ...result, applied: true };
  return put !== null && (operation.kind === 'add' || operation.kind === 'remove')
    ? { ...result, value: put.value }
    : result;
}

function numberOf({ options }: Operation, name: 'r' | 'w'): number | null {
  const value = options?.[name];
  return typeof value === 'number' ? value : null;
}

function finish({ id }: Operation, outcome: Outcome): Output[] {
  return [{ kind: 'finish', id, outcome }];
}
