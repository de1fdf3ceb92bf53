import { canonical, type Json } from '../base/json.ts';

/** What a history is about: the sequential object whose rules its operations have to obey. */
export const MODELS = ['register', 'kv', 'append', 'counter', 'set', 'lock', 'bank'] as const;
export type Model = (typeof MODELS)[number];

/** A key or a client: a text or a number; null where there is only one. */
export type Label = string | number | null;

/** One line of a history as its author wrote it. docs/formats.md describes every field. */
export type HistoryLine = {
  readonly client: Label;
  readonly op: string;
  readonly key: Label;
  readonly value: Json;
  readonly out: Json;
  readonly call: number;
  /** Null when the outcome never became known. */
  readonly ret: number | null;
  readonly status: 'ok' | 'fail' | 'info';
  /** The store's own position of the operation, such as a revision: a hint that is tried and checked, never trusted. */
  readonly order?: number;
  /** The store's own name of what was written or read: tells equal values apart. */
  readonly version?: string;
  /** Of a read: `out` lists several values that stood side by side, where one object has one. */
  readonly siblings?: true;
  /** No model says what is right under this key: the line is told, and not judged. */
  readonly judged?: false;
};

/** What an operation does, whatever its author calls it. */
export type Kind =
  | 'read'
  | 'write'
  | 'cas'
  /** Puts a value where there is none, or where it is already: a seat, a lock with its holder's name. */
  | 'claim'
  | 'append'
  | 'add'
  | 'remove'
  | 'contains'
  | 'increment'
  /** Takes so many away, and needs them to be there. */
  | 'take'
  | 'acquire'
  | 'release'
  | 'transfer'
  | 'open';

/** An operation as the checkers see it. An operation a precedes b exactly when `a.ret < b.call`. */
export type Operation = {
  readonly line: HistoryLine;
  /** Where it stands in its file, from 1. */
  readonly at: number;
  readonly kind: Kind;
  /** Client and key as texts that are equal exactly when the labels are. */
  readonly client: string;
  readonly key: string;
  readonly value: Json;
  readonly out: Json;
  readonly call: number;
  /** Infinity when the outcome is unknown: it may take effect at any time after its call, or never. */
  readonly ret: number;
};

export type History = {
  readonly model: Model;
  /** What took place or may have, by call. Reads without an answer are left out: they say nothing. */
  readonly operations: readonly Operation[];
  /** What certainly did not take place; a value that one of these wrote must not be seen. */
  readonly failed: readonly Operation[];
  /** How many lines there were. */
  readonly size: number;
};

/** A history that cannot be judged; `at` is the line it is about, from 1, or null for the whole. */
export class HistoryError extends Error {
  override readonly name = 'HistoryError';
  readonly at: number | null;

  constructor(at: number | null, message: string) {
    super(at === null ? message : `line ${at}: ${message}`);
    this.at = at;
  }
}

/** Whether the operation certainly took place. */
export function isCertain({ ret }: Operation): boolean {
  return ret !== Infinity;
}

/** Whether it only looks: it changes nothing, whatever the state. */
export function isObserver({ kind, value, out }: Operation): boolean {
  if (kind === 'read' || kind === 'contains') return true;
  if (kind === 'cas') return out === false || isIdle(value as readonly [Json, Json]);
  return out === false && REFUSABLE.includes(kind);
}

/** A compare-and-set of a value with itself changes nothing. */
function isIdle([from, to]: readonly [Json, Json]): boolean {
  return textOf(from) === textOf(to);
}

const REFUSABLE: readonly Kind[] = ['acquire', 'release', 'transfer', 'remove'];

/** The operations in the order of their calls, as every checker expects them. */
export function byCall(operations: readonly Operation[]): Operation[] {
  return [...operations].sort((a, b) => a.call - b.call || compare(a.ret, b.ret) || a.at - b.at);
}

/** The operations of each key, in the order in which the keys first appear. */
export function byKey(operations: readonly Operation[]): Map<string, Operation[]> {
  return groupBy(operations, ({ key }) => key);
}

/** The operations of each client in its own order. */
export function byClient(operations: readonly Operation[]): Map<string, Operation[]> {
  return groupBy(operations, ({ client }) => client);
}

/** The one text of a value. Values are equal exactly when their texts are. */
export function textOf(value: Json): string {
  return typeof value === 'number' ? String(value) : canonical(value);
}

/** Infinity minus infinity is no number to sort by. */
function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** The operations by a text that each has, groups in the order in which they first appear. */
export function groupBy(
  operations: readonly Operation[],
  nameOf: (operation: Operation) => string,
): Map<string, Operation[]> {
  const groups = new Map<string, Operation[]>();
  for (const operation of operations) {
    const name = nameOf(operation);
    const members = groups.get(name);
    if (members === undefined) groups.set(name, [operation]);
    else members.push(operation);
  }
  return groups;
}
