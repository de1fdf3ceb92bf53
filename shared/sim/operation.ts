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

/** Option names belong to the system (`consistency`, `w` …); each system checks its own. */
export const Options = v.record(Name, Value);
export type Options = v.InferOutput<typeof Options>;

/**
 * What a person asks of a system. `add` and `remove` are the shopping cart's: they change one item of the
 * set that is stored under the key.
 */
export const Request = v.strictObject({
  kind: v.picklist(['read', 'write', 'delete', 'add', 'remove']),
  key: Name,
  value: v.optional(Value),
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

/** What an operation returned. A read's concurrent values are all in `values`. */
export type Result = {
  readonly value?: Value | readonly Value[];
  readonly values?: readonly (Value | readonly Value[])[];
  readonly version?: string;
  readonly revision?: number;
};

/** One operation of the history. `returned` is null while nothing has come back. Times in virtual milliseconds. */
export type OperationRecord = {
  readonly id: string;
  readonly node: NodeId;
  readonly kind: OperationRequest['kind'];
  readonly key: string;
  readonly value: Value;
  readonly options: Options | null;
  readonly invoked: number;
  returned: number | null;
  class: 'ok' | 'fail' | 'info';
  error: string | null;
  result: Result | null;
};
