import { unreachable } from '../base/assert.ts';
import { lookUp, type Table } from '../base/table.ts';
import type { Stored, Value } from '../sim/operation.ts';

/** What is under a key: a single value, a set or a list. Never changed: a write puts another in its place. */
export type Entry =
  | { readonly type: 'string'; readonly value: Value }
  | { readonly type: 'set' | 'list'; readonly items: readonly Value[] };

/** What stores do to one key. `get` reads whatever is there; `cas` compares and sets in one step. */
export type Command =
  | { readonly kind: 'get' | 'del'; readonly key: string }
  | { readonly kind: 'set' | 'sadd' | 'srem' | 'rpush'; readonly key: string; readonly value: Value }
  | { readonly kind: 'incrby'; readonly key: string; readonly by: number }
  | { readonly kind: 'cas'; readonly key: string; readonly expected: Value; readonly value: Value };

/** What a command does to its key: `entry` is what is there afterwards, undefined where it changes nothing. */
export type Effect =
  | { readonly kind: 'error'; readonly reason: 'wrong type' | 'not an integer' }
  | {
      readonly kind: 'done';
      readonly value: Stored;
      readonly applied: boolean;
      readonly entry: Entry | null | undefined;
    };

export function isWrite(command: Command): boolean {
  return command.kind !== 'get';
}

/** Works out a command against the data, which it leaves as it is. */
export function execute(data: Readonly<Table<Entry>>, command: Command): Effect {
  const found = lookUp(data, command.key);
  switch (command.kind) {
    case 'get':
      return done(valueOf(found), undefined);
    case 'set':
      return done(command.value, { type: 'string', value: command.value });
    case 'del':
      return done(null, found === undefined ? undefined : null);
    case 'sadd':
    case 'srem':
    case 'rpush':
      return changeItems(found, command.kind, command.value);
    case 'incrby':
      return increment(found, command.by);
    case 'cas': {
      if (found !== undefined && found.type !== 'string') return { kind: 'error', reason: 'wrong type' };
      const value = found?.value ?? null;
      if (value !== command.expected) return { kind: 'done', value, applied: false, entry: undefined };
      return done(command.value, { type: 'string', value: command.value });
    }
    default:
      return unreachable(command);
  }
}

export function valueOf(entry: Entry | undefined): Stored {
  if (entry === undefined) return null;
  return entry.type === 'string' ? entry.value : entry.items;
}

function done(value: Stored, entry: Entry | null | undefined): Effect {
  return { kind: 'done', value, applied: true, entry };
}

/** A set or list without items is no key any more. */
function changeItems(found: Entry | undefined, kind: 'sadd' | 'srem' | 'rpush', value: Value): Effect {
  const type = kind === 'rpush' ? 'list' : 'set';
  if (found !== undefined && found.type !== type) return { kind: 'error', reason: 'wrong type' };
  const before = found?.items ?? [];
  const has = before.includes(value);
  if (kind === 'sadd' ? has : kind === 'srem' && !has) return done(before, undefined);
  const items = kind === 'srem' ? before.filter((item) => item !== value) : [...before, value];
  return done(items, items.length === 0 ? null : { type, items });
}

function increment(found: Entry | undefined, by: number): Effect {
  if (found !== undefined && found.type !== 'string') return { kind: 'error', reason: 'wrong type' };
  const before = found === undefined ? 0 : integerOf(found.value);
  if (before === null || !Number.isSafeInteger(before + by))
    return { kind: 'error', reason: 'not an integer' };
  const value = before + by;
  return done(value, { type: 'string', value });
}

/** A whole number, also one that is kept as a text; null for everything else. */
export function integerOf(value: Value): number | null {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : null;
}
