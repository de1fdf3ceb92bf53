import { clone, equal, freeze, type Json } from './json.ts';
import { lookUp, unorderedKeysOf } from './table.ts';

/**
 * The difference between two plain values, as plain data. Checkpoints of a world resemble each other: a
 * log grows at its end, a few numbers change. `keep` is no difference at all.
 */
export type Delta =
  | { readonly is: 'keep' }
  | { readonly is: 'value'; readonly value: Json }
  | {
      readonly is: 'members';
      /** Members that are new or another value altogether. */
      readonly set?: { readonly [key: string]: Json };
      readonly change?: { readonly [key: string]: Delta };
      readonly drop?: readonly string[];
    }
  | {
      readonly is: 'items';
      /** The new length; what lies beyond the old one is in `tail`. */
      readonly length: number;
      readonly change?: readonly Change[];
      readonly tail?: readonly Json[];
    }
  /** Within the change of an item: the same as in this place of the change before it. Replicas change alike. */
  | { readonly is: 'ditto' };

type Change = readonly [index: number, delta: Delta];

const KEEP: Delta = { is: 'keep' };
const DITTO: Delta = { is: 'ditto' };

/** What turns `before` into `after`. What is new is copied out of `after`, which may go on changing. */
export function difference(before: unknown, after: unknown): Delta {
  if (before === after) return KEEP;
  if (Array.isArray(before) && Array.isArray(after)) return differenceOfArrays(before, after);
  if (isRecord(before) && isRecord(after)) return differenceOfRecords(before, after);
  return equal(before, after) ? KEEP : { is: 'value', value: clone(after as Json) };
}

/**
 * `before` changed by a delta. Unchanged parts are shared with `before`, neither is modified. Throws
 * RangeError when the delta does not fit or is none, as one from a damaged or hostile file may not be.
 */
export function patch(before: unknown, delta: Delta): unknown {
  return change(before, delta, false);
}

/**
 * `before` changed by a delta, in place: for who owns it alone. What is frozen gives way to a frozen copy, and what
 * is new is copied out of the delta. Throws RangeError as `patch` does.
 */
export function amend(before: unknown, delta: Delta): unknown {
  return change(before, delta, true);
}

function change(before: unknown, delta: Delta, inPlace: boolean): unknown {
  if (inPlace && Object.isFrozen(before)) return freeze(change(before, delta, false));
  if (!isRecord(delta)) throw new RangeError('a delta is no delta');
  switch (delta.is) {
    case 'keep':
      return before;
    case 'value':
      if (delta.value === undefined) throw new RangeError('a delta has no value');
      return inPlace ? clone(delta.value) : delta.value;
    case 'members':
      return changeMembers(before, delta, inPlace);
    case 'items':
      return changeItems(before, delta, inPlace);
    case 'ditto':
      throw new RangeError('a delta repeats what is not there');
    default:
      throw new RangeError('a delta of an unknown kind');
  }
}

function changeMembers(before: unknown, delta: Delta & { is: 'members' }, inPlace: boolean): unknown {
  const { set = {}, change: changes = {}, drop = [] } = delta;
  if (!isRecord(before)) throw new RangeError('a delta of members does not fit what it changes');
  if (!isRecord(set) || !isRecord(changes) || !Array.isArray(drop)) {
    throw new RangeError('a delta of members has a part that is none');
  }
  const after = inPlace ? before : { ...before };
  for (const key of drop) {
    if (typeof key !== 'string') throw new RangeError('a delta drops something that is no member');
    delete after[key];
  }
  for (const key of unorderedKeysOf(set)) after[demandName(key)] = inPlace ? clone(set[key]) : set[key];
  // Members that were shared go on being shared.
  const last = { before: undefined as unknown, delta: undefined as unknown, after: undefined as unknown };
  for (const key of unorderedKeysOf(changes)) {
    const was = lookUp(before, key);
    const delta = changes[key] as Delta;
    if (last.before !== was || last.delta !== delta || !Object.isFrozen(was)) {
      last.after = change(was, delta, inPlace);
      last.before = was;
      last.delta = delta;
    }
    after[demandName(key)] = last.after;
  }
  return after;
}

function changeItems(before: unknown, delta: Delta & { is: 'items' }, inPlace: boolean): unknown {
  const { length, change: changes = [], tail = [] } = delta;
  if (!Array.isArray(before)) throw new RangeError('a delta of items does not fit what it changes');
  if (!Array.isArray(changes) || !Array.isArray(tail)) {
    throw new RangeError('a delta of items has a part that is none');
  }
  const kept = Math.min(before.length, length);
  if (!Number.isSafeInteger(length) || length < 0 || length !== kept + tail.length) {
    throw new RangeError('a delta has too few items or too many');
  }
  const after: unknown[] = inPlace ? before : before.slice(0, kept);
  after.length = kept;
  let previous: Delta | undefined;
  for (const pair of changes as readonly unknown[]) {
    const [index, item] = Array.isArray(pair) ? (pair as [unknown, Delta]) : [];
    if (typeof index !== 'number' || item === undefined || !Object.hasOwn(after, index)) {
      throw new RangeError('a delta changes an item that is not there');
    }
    previous = spellOut(item, previous);
    after[index] = change(after[index], previous, inPlace);
  }
  for (const item of tail) after.push(inPlace ? clone(item) : item);
  return after;
}

function demandName(key: string): string {
  if (key in Object.prototype) throw new RangeError(`a delta names member ${key}`);
  return key;
}

function differenceOfArrays(before: readonly unknown[], after: readonly unknown[]): Delta {
  const shared = Math.min(before.length, after.length);
  const changes: Change[] = [];
  for (let i = 0; i < shared; i++) {
    // Most of a long log is the very same; not even a call is spent on it.
    if (before[i] === after[i]) continue;
    const delta = difference(before[i], after[i]);
    if (delta.is !== 'keep') changes.push([i, delta]);
  }
  if (changes.length === 0 && before.length === after.length) return KEEP;
  // An array whose every item moved (a queue) is shorter said anew.
  if (2 * changes.length > after.length && changes.every(([, delta]) => delta.is !== 'members')) {
    return { is: 'value', value: clone(after as Json) };
  }
  const change = changes.map(([i, delta], n): Change => [i, abbreviate(delta, changes[n - 1]?.[1])]);
  const tail = clone(after.slice(shared) as Json[]);
  return {
    is: 'items',
    length: after.length,
    ...(change.length > 0 && { change }),
    ...(tail.length > 0 && { tail }),
  };
}

function differenceOfRecords(before: Record<string, unknown>, after: Record<string, unknown>): Delta {
  let set: Record<string, Json> | null = null;
  let change: Record<string, Delta> | null = null;
  let common = 0;
  // Members that are one and the same shared value, as of all peers of whom nothing is known, are compared once.
  const last = { before: undefined as unknown, after: undefined as unknown, delta: KEEP };
  // Order does not matter: a delta is a table itself.
  for (const key of unorderedKeysOf(after)) {
    const now = after[key];
    // A member that is undefined is not there: JSON does not write it either.
    if (now === undefined) continue;
    const known = Object.hasOwn(before, key);
    if (known) common++;
    const was = known ? before[key] : undefined;
    if (was === now) continue;
    if (last.before !== was || last.after !== now) {
      last.delta = known ? difference(was, now) : { is: 'value', value: clone(now as Json) };
      last.before = was;
      last.after = now;
    }
    const { delta } = last;
    if (delta.is === 'value') (set ??= {})[key] = delta.value;
    else if (delta.is !== 'keep') (change ??= {})[key] = delta;
  }
  const all = unorderedKeysOf(before);
  const drop = common === all.length ? [] : all.filter((key) => !isMember(after, key)).sort();
  if (set === null && change === null && drop.length === 0) return KEEP;
  return {
    is: 'members',
    ...(set !== null && { set }),
    ...(change !== null && { change }),
    ...(drop.length > 0 && { drop }),
  };
}

function isMember(record: Record<string, unknown>, key: string): boolean {
  return Object.hasOwn(record, key) && record[key] !== undefined;
}

/** A delta with `ditto` wherever the previous one has the same. */
function abbreviate(delta: Delta, previous: Delta | undefined): Delta {
  if (previous === undefined) return delta;
  if (equal(delta, previous)) return DITTO;
  return mapChange(delta, previous, abbreviate);
}

/** A delta as it was before `abbreviate`. A `ditto` that repeats nothing stays, and `patch` refuses it. */
function spellOut(delta: Delta, previous: Delta | undefined): Delta {
  if (previous === undefined) return delta;
  if (isRecord(delta) && delta.is === 'ditto') return previous;
  return mapChange(delta, previous, spellOut);
}

/** A delta of members with each change put through `map`, together with the same member's in the previous one. */
function mapChange(delta: Delta, previous: Delta, map: typeof abbreviate): Delta {
  if (!isRecord(delta) || delta.is !== 'members' || previous.is !== 'members') return delta;
  if (!isRecord(delta.change) || previous.change === undefined) return delta;
  const change: Record<string, Delta> = {};
  for (const key of unorderedKeysOf(delta.change)) {
    change[key] = map(delta.change[key] as Delta, lookUp(previous.change, key));
  }
  return { ...delta, change };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
