import * as v from 'valibot';
import { isName } from '../base/table.ts';

/** A node's name, as people see it: `n1`. */
export type NodeId = string;

export const Name = v.pipe(
  v.string(),
  v.check((text) => isName(text), 'must be a name of 1 to 48 letters, digits, spaces or . _ : / -'),
);

/** What people store: short texts, whole numbers, truth values. Floats would not be equal on every machine. */
export const Value = v.union([
  v.pipe(v.string(), v.maxLength(200)),
  v.pipe(v.number(), v.safeInteger()),
  v.boolean(),
  v.null(),
]);
export type Value = v.InferOutput<typeof Value>;

/** What an option may hold: a value, or a small record of them (Redis's `wait`: replicas and timeout). */
export const OptionValue = v.union([Value, v.record(Name, Value)]);
export type OptionValue = v.InferOutput<typeof OptionValue>;

/** Option names belong to the system (`consistency`, `w` …); each system says which it has. */
export const Options = v.record(Name, OptionValue);
export type Options = v.InferOutput<typeof Options>;

/**
 * Everything people can ask. First what stores do to one key: `cas` writes `value` if the key holds `expected`
 * (null: nothing), `add` and `remove` change one item of a set, `increment` a counter, `append` a list. Then what a
 * workload's application does with several of those. Last what an administrator's tool asks: that the node which the
 * key names becomes a member of the cluster, or is none any more; that a key's shard goes to the node that `to` names.
 */
export const OPERATION_KINDS = [
  'read',
  'write',
  'delete',
  'add',
  'remove',
  'cas',
  'increment',
  'append',
  'sync',
  'create',
  'watch',
  'lock',
  'unlock',
  'transfer',
  'post',
  'like',
  'reserve',
  'checkout',
  'send',
  'join',
  'leave',
  'reshard',
] as const;
export type OperationKind = (typeof OPERATION_KINDS)[number];

/** Whether it changes who belongs to the cluster rather than what is stored. */
export function isMembershipChange(kind: OperationKind): kind is 'join' | 'leave' {
  return kind === 'join' || kind === 'leave';
}

/** Whether it is what an administrator's tool asks, and no part of what happens to the data. */
export function isAdministration(kind: OperationKind): boolean {
  return isMembershipChange(kind) || kind === 'reshard';
}

type Field = 'value' | 'expected' | 'to';

/** What each operation carries besides its key: what it must, and what it may. */
export const OPERATION_FIELDS: Readonly<
  Record<OperationKind, { readonly must: readonly Field[]; readonly may: readonly Field[] }>
> = {
  read: { must: [], may: [] },
  write: { must: ['value'], may: [] },
  delete: { must: [], may: [] },
  add: { must: ['value'], may: [] },
  remove: { must: ['value'], may: [] },
  cas: { must: ['value', 'expected'], may: [] },
  increment: { must: [], may: ['value'] },
  append: { must: ['value'], may: [] },
  sync: { must: [], may: [] },
  create: { must: [], may: ['value'] },
  watch: { must: [], may: [] },
  lock: { must: [], may: ['value'] },
  unlock: { must: [], may: [] },
  transfer: { must: ['value', 'to'], may: [] },
  post: { must: ['value'], may: [] },
  like: { must: [], may: [] },
  reserve: { must: [], may: ['value'] },
  checkout: { must: [], may: ['value'] },
  send: { must: ['value'], may: [] },
  join: { must: [], may: [] },
  leave: { must: [], may: [] },
  reshard: { must: ['to'], may: [] },
};

/** What a person asks of a system. */
export const Request = v.strictObject({
  kind: v.picklist(OPERATION_KINDS),
  key: Name,
  value: v.optional(Value),
  /** What a `cas` demands to find under the key. */
  expected: v.optional(Value),
  /** The other key of a `transfer`: where the money goes. The node of a `reshard`: who is to have the shard. */
  to: v.optional(Name),
  options: v.optional(Options),
});
export type OperationRequest = v.InferOutput<typeof Request>;

/** An operation under way: the request and its id, unique in the run: the node's name and its own count. */
export type Operation = OperationRequest & { readonly id: string };

/**
 * How an operation ended, in Jepsen's classes: `ok` certainly happened, `fail` certainly did not,
 * `info` is unknown: it may have happened, may still happen, or never will. `error` is the literal text
 * that the real client reports.
 */
export type Outcome =
  | { readonly class: 'ok'; readonly result: Result }
  | { readonly class: 'fail' | 'info'; readonly error: string };

/** A value as stores keep it: one, or the items of a set or list. */
export type Stored = Value | readonly Value[];

/** What an operation returned. A read's concurrent values are all in `values`. */
export type Result = {
  readonly value?: Stored;
  readonly values?: readonly Stored[];
  /** CouchDB's losing leaf revisions. */
  readonly conflicts?: readonly string[];
  readonly version?: string;
  readonly revision?: number;
  /** Of a conditional write: whether it took place. When not, `value` is what was found. */
  readonly applied?: boolean;
  /** HTTP status where the real client shows one: 201, 202. */
  readonly status?: number;
  /** Of a lock: the number that grows with every holder, for the resource to check. */
  readonly token?: number;
  /** Of a write with Redis's WAIT: how many replicas had it in time. */
  readonly replicas?: number;
};

/** The operations that a history is made of. */
export function dataOperations(operations: readonly OperationRecord[]): readonly OperationRecord[] {
  return operations.filter(({ kind }) => !isAdministration(kind));
}

/** One operation of the history. `returned` is null while nothing has come back. Times in virtual milliseconds. */
export type OperationRecord = {
  readonly id: string;
  readonly node: NodeId;
  readonly kind: OperationKind;
  readonly key: string;
  readonly value: Value;
  readonly expected?: Value;
  readonly to?: string;
  readonly options: Options | null;
  readonly invoked: number;
  returned: number | null;
  class: 'ok' | 'fail' | 'info';
  error: string | null;
  result: Result | null;
};
