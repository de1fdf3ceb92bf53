import { equal, type Json } from './json.ts';
import { keysOf } from './table.ts';

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
 * RangeError when the delta does not fit, as one from a damaged file may not.
 */
export function patch(before: unknown, delta: Delta): unknown {
  switch (delta.is) {
    case 'keep':
      return before;
    case 'value':
      return delta.value;
    case 'members': {
      if (!isRecord(before)) throw new RangeError('a delta of members does not fit what it changes');
      const after: Record<string, unknown> = { ...before };
      for (const key of delta.drop) delete after[key];
      for (const key of keysOf(delta.change)) {
        const change = delta.change[key];
        if (key in Object.prototype || change === undefined)
          throw new RangeError(`a delta names member ${key}`);
        after[key] = patch(Object.hasOwn(before, key) ? before[key] : undefined, change);
      }
      return after;
    }
    case 'items': {
      if (!Array.isArray(before)) throw new RangeError('a delta of items does not fit what it changes');
      const after: unknown[] = before.slice(0, delta.length);
      for (const [index, change] of delta.change) {
        if (index >= after.length) throw new RangeError('a delta changes an item that is not there');
        after[index] = patch(after[index], change);
      }
      for (const item of delta.tail) after.push(item);
      if (after.length !== delta.length) throw new RangeError('a delta has too few items');
      return after;
    }
    default:
      throw new RangeError('a delta of an unknown kind');
  }
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
  const change: Record<string, Delta> = {};
  let changed = false;
  for (const key of keysOf(after)) {
    const delta = Object.hasOwn(before, key)
      ? difference(before[key], after[key])
      : { is: 'value' as const, value: after[key] as Json };
    if (delta.is === 'keep') continue;
    change[key] = delta;
    changed = true;
  }
  const drop = keysOf(before).filter((key) => !Object.hasOwn(after, key));
  return changed || drop.length > 0 ? { is: 'members', change, drop } : KEEP;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
