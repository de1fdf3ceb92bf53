import { equal, type Json } from './json.ts';
import { unorderedKeysOf } from './table.ts';

/**
 * The difference between two plain values, as plain data. Checkpoints of a world resemble each other: a
 * log grows at its end, a few numbers change. `keep` is no difference at all.
 */
export type Delta =
  | { readonly is: 'keep' }
  | { readonly is: 'value'; readonly value: Json }
  | {
      readonly is: 'members';
      readonly change: { readonly [key: string]: Delta };
      readonly drop: readonly string[];
    }
  | {
      readonly is: 'items';
      /** The new length; what lies beyond the old one is in `tail`. */
      readonly length: number;
      readonly change: readonly (readonly [index: number, delta: Delta])[];
      readonly tail: readonly Json[];
    };

const KEEP: Delta = { is: 'keep' };

/** What turns `before` into `after`. Parts of `after` are shared, not copied. */
export function difference(before: unknown, after: unknown): Delta {
  if (before === after) return KEEP;
  if (Array.isArray(before) && Array.isArray(after)) return differenceOfArrays(before, after);
  if (isRecord(before) && isRecord(after)) return differenceOfRecords(before, after);
  return equal(before, after) ? KEEP : { is: 'value', value: after as Json };
}

/**
 * `before` changed by a delta. Unchanged parts are shared with `before`, neither is modified. Throws
 * RangeError when the delta does not fit or is none, as one from a damaged or hostile file may not be.
 */
export function patch(before: unknown, delta: Delta): unknown {
  if (!isRecord(delta)) throw new RangeError('a delta is no delta');
  switch (delta.is) {
    case 'keep':
      return before;
    case 'value':
      if (delta.value === undefined) throw new RangeError('a delta has no value');
      return delta.value;
    case 'members':
      return patchMembers(before, delta);
    case 'items':
      return patchItems(before, delta);
    default:
      throw new RangeError('a delta of an unknown kind');
  }
}

function patchMembers(before: unknown, { change, drop }: Delta & { is: 'members' }): unknown {
  if (!isRecord(before)) throw new RangeError('a delta of members does not fit what it changes');
  if (!isRecord(change) || !Array.isArray(drop)) throw new RangeError('a delta of members lacks a part');
  const after: Record<string, unknown> = { ...before };
  for (const key of drop) {
    if (typeof key !== 'string') throw new RangeError('a delta drops something that is no member');
    delete after[key];
  }
  for (const key of unorderedKeysOf(change)) {
    const member = change[key];
    if (key in Object.prototype || member === undefined) throw new RangeError(`a delta names member ${key}`);
    after[key] = patch(Object.hasOwn(before, key) ? before[key] : undefined, member);
  }
  return after;
}

function patchItems(before: unknown, { length, change, tail }: Delta & { is: 'items' }): unknown {
  if (!Array.isArray(before)) throw new RangeError('a delta of items does not fit what it changes');
  if (!Array.isArray(change) || !Array.isArray(tail)) throw new RangeError('a delta of items lacks a part');
  const kept = Math.min(before.length, length);
  if (!Number.isSafeInteger(length) || length < 0 || length !== kept + tail.length) {
    throw new RangeError('a delta has too few items or too many');
  }
  const after: unknown[] = before.slice(0, kept);
  for (const pair of change as readonly unknown[]) {
    const [index, item] = Array.isArray(pair) ? (pair as [unknown, Delta]) : [];
    if (typeof index !== 'number' || item === undefined || !Object.hasOwn(after, index)) {
      throw new RangeError('a delta changes an item that is not there');
    }
    after[index] = patch(after[index], item);
  }
  for (const item of tail) after.push(item);
  return after;
}

function differenceOfArrays(before: readonly unknown[], after: readonly unknown[]): Delta {
  const shared = Math.min(before.length, after.length);
  const change: [number, Delta][] = [];
  for (let i = 0; i < shared; i++) {
    const delta = difference(before[i], after[i]);
    if (delta.is !== 'keep') change.push([i, delta]);
  }
  if (change.length === 0 && before.length === after.length) return KEEP;
  // An array whose every item moved (a queue) is shorter said anew.
  if (2 * change.length > after.length && change.every(([, delta]) => delta.is !== 'members')) {
    return { is: 'value', value: after as Json };
  }
  return { is: 'items', length: after.length, change, tail: after.slice(shared) as Json[] };
}

function differenceOfRecords(before: Record<string, unknown>, after: Record<string, unknown>): Delta {
  let change: Record<string, Delta> | null = null;
  let common = 0;
  // Order does not matter: a delta is a table itself, and is written with its names sorted.
  for (const key of unorderedKeysOf(after)) {
    const now = after[key];
    // A member that is undefined is not there: JSON does not write it either.
    if (now === undefined) continue;
    const known = Object.hasOwn(before, key);
    if (known) common++;
    if (known && before[key] === now) continue;
    const delta: Delta = known ? difference(before[key], now) : { is: 'value', value: now as Json };
    if (delta.is !== 'keep') (change ??= {})[key] = delta;
  }
  const all = unorderedKeysOf(before);
  const drop = common === all.length ? [] : all.filter((key) => !isMember(after, key)).sort();
  return change === null && drop.length === 0 ? KEEP : { is: 'members', change: change ?? {}, drop };
}

function isMember(record: Record<string, unknown>, key: string): boolean {
  return Object.hasOwn(record, key) && record[key] !== undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
