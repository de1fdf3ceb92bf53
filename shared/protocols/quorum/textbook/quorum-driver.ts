import { unreachable } from '../../../base/assert.ts';
import { lookUp, type Table } from '../../../base/table.ts';
import type { Driver, DriverInput, DriverOutput, DriverShape } from '../../../sim/driver.ts';
import type { NodeId, Operation, Outcome, Stored } from '../../../sim/operation.ts';
import { applyEdit, describeStored, type Edit, editOf, mustRead } from './edit.ts';
import {
  describeHeld,
  describeVersion,
  isLater,
  type QuorumStoreKnobs,
  type StoreReply,
  type StoreRequest,
  type Version,
  type VersionedValue,
} from './quorum-replica.ts';

export interface QuorumDriverShape extends DriverShape {
  readonly knobs: QuorumStoreKnobs;
  readonly state: QuorumDriverState;
  readonly timer: `wait-${string}`;
  readonly request: StoreRequest;
  readonly reply: StoreReply;
}

export type QuorumDriverState = {
  readonly self: NodeId;
  /** `nodes[:replication_factor]`: the same for every key. */
  readonly replicas: readonly NodeId[];
  readonly knobs: QuorumStoreKnobs;
  /** Operations under way, by the number of the request that is out for them. */
  readonly pending: Table<Pending>;
  requests: number;
};

/** An operation on its way through the replicas, one after the other. */
type Pending = {
  readonly operation: Operation;
  readonly pass:
    | { readonly kind: 'read' }
    | { readonly kind: 'write'; readonly value: Stored; readonly version: Version | null };
  /** How many replicas have been asked in this pass, this one among them. */
  readonly asked: number;
  /** How many of them have answered, and the latest version among their answers. */
  readonly answers: number;
  readonly latest: VersionedValue | null;
};

type Output = DriverOutput<QuorumDriverShape>;

/** The text's `ConsistencyError`. */
export const CANNOT_GUARANTEE = 'Cannot guarantee consistency';

/**
 * The text's `CPDatabase`, line by line: a write goes to the first N nodes one after the other, each of which
 * may take a second, and succeeds if a majority of N took it; a read asks them in the same way and returns the
 * highest version. Nothing undoes a write that fell short: the error says that it failed, and it may be read
 * later all the same.
 */
export const quorumStoreDriver: Driver<QuorumDriverShape> = {
  init: ({ self, nodes, knobs }) => ({
    self,
    replicas: nodes.slice(0, knobs.replicationFactor),
    knobs,
    pending: {},
    requests: 0,
  }),
  step,
  refused: 'connection refused',
  interrupted: 'connection reset',
  describeRequest: (request) => (request.kind === 'read' ? `read ${request.key}` : describeWrite(request)),
  describeReply: (reply) =>
    reply.kind === 'value'
      ? describeHeld('it', reply.held)
      : `written as version ${describeVersion(reply.version)}`,
};

function step(state: QuorumDriverState, input: DriverInput<QuorumDriverShape>): Output[] {
  switch (input.kind) {
    case 'operation':
      return begin(state, input.operation);
    case 'reply':
      return onReply(state, String(input.id), input.reply);
    case 'timer':
      return onTimeout(state, input.timer.slice('wait-'.length));
    case 'start':
    case 'disconnected':
      return [];
    default:
      return unreachable(input);
  }
}

function begin(state: QuorumDriverState, operation: Operation): Output[] {
  const edit = editOf(operation);
  if (edit === null || mustRead(edit) || state.knobs.versions === 'writer') {
    return askNext(state, { operation, pass: { kind: 'read' }, asked: 0, answers: 0, latest: null });
  }
  return startWrite(state, operation, edit, null);
}

function onReply(state: QuorumDriverState, id: string, reply: StoreReply): Output[] {
  const pending = lookUp(state.pending, id);
  if (pending === undefined) return [];
  delete state.pending[id];
  const held = reply.kind === 'value' ? reply.held : null;
  const isNew = held !== null && (pending.latest === null || isLater(held.version, pending.latest.version));
  const latest = isNew ? held : pending.latest;
  const next = goOn(state, { ...pending, answers: pending.answers + 1, latest });
  return [{ kind: 'cancel-timer', timer: `wait-${id}` }, ...next];
}

function onTimeout(state: QuorumDriverState, id: string): Output[] {
  const pending = lookUp(state.pending, id);
  if (pending === undefined) return [];
  delete state.pending[id];
  return goOn(state, pending);
}

function goOn(state: QuorumDriverState, pending: Pending): Output[] {
  return pending.asked < state.replicas.length ? askNext(state, pending) : endPass(state, pending);
}

function askNext(state: QuorumDriverState, pending: Pending): Output[] {
  const { operation, pass, asked } = pending;
  const id = ++state.requests;
  state.pending[String(id)] = { ...pending, asked: asked + 1 };
  const request: StoreRequest = { ...pass, key: operation.key };
  return [
    { kind: 'set-timer', timer: `wait-${id}`, after: state.knobs.timeoutMs },
    { kind: 'request', to: state.replicas[asked] ?? '', id, request },
  ];
}

/** All N were tried: was that a majority? */
function endPass(state: QuorumDriverState, { operation, pass, answers, latest }: Pending): Output[] {
  const majority = Math.floor(state.replicas.length / 2) + 1;
  const edit = editOf(operation);
  if (answers < majority) {
    const outcome = pass.kind === 'write' ? 'info' : 'fail';
    return finish(operation, { class: outcome, error: CANNOT_GUARANTEE });
  }
  if (pass.kind === 'read') {
    if (edit !== null) return startWrite(state, operation, edit, latest);
    const version = latest === null ? {} : { version: describeVersion(latest.version) };
    return finish(operation, { class: 'ok', result: { value: latest?.value ?? null, ...version } });
  }
  const shown = edit !== null && mustRead(edit) ? { value: pass.value } : {};
  const version = pass.version === null ? {} : { version: describeVersion(pass.version) };
  return finish(operation, { class: 'ok', result: { ...shown, ...version } });
}

function startWrite(
  state: QuorumDriverState,
  operation: Operation,
  edit: Edit,
  latest: VersionedValue | null,
): Output[] {
  const value = applyEdit(latest === null ? [] : [latest.value], edit);
  const number = (latest?.version.number ?? 0) + 1;
  const version = state.knobs.versions === 'writer' ? { number, writer: state.self } : null;
  return askNext(state, {
    operation,
    pass: { kind: 'write', value, version },
    asked: 0,
    answers: 0,
    latest: null,
  });
}

function describeWrite({ key, value, version }: StoreRequest & { kind: 'write' }): string {
  const text = `write ${key}=${describeStored(value)}`;
  return version === null ? text : `${text} as version ${describeVersion(version)}`;
}

function finish(operation: Operation, outcome: Outcome): Output[] {
  return [{ kind: 'finish', id: operation.id, outcome }];
}
