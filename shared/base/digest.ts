import { mix } from './random.ts';
import { unorderedKeysOf } from './table.ts';

/**
 * A 64-bit digest of plain data, as 16 hex digits. Members of an object are added, not chained, so the
 * order in which they were inserted does not matter and nothing needs sorting. It finds disagreement
 * between two folds of a recording; against forgery there is the recording's hash chain.
 */
export function digest(value: unknown): string {
  absorb(value);
  return (high >>> 0).toString(16).padStart(8, '0') + (low >>> 0).toString(16).padStart(8, '0');
}

let high = 0;
let low = 0;

/** Leaves the digest of `value` in `high` and `low`: two lanes without allocating a pair for every value. */
function absorb(value: unknown): void {
  switch (typeof value) {
    case 'number':
      absorbNumber(value);
      return;
    case 'string':
      absorbString(value);
      return;
    case 'boolean':
      high = value ? 0x1b873593 : 0x3c6ef372;
      low = value ? 0x2545f491 : 0x4f6cdd1d;
      return;
    default:
      if (value === null || value === undefined) {
        high = 0x7f4a7c15;
        low = 0x6a09e667;
      } else if (Object.isFrozen(value)) absorbFrozen(value);
      else if (Array.isArray(value)) absorbArray(value);
      else absorbObject(value);
  }
}

type Known = { readonly of: object; readonly high: number; readonly low: number };

/** The digests of frozen data: it is frozen to the bottom, so they stay right. */
const known = new WeakMap<object, Known>();

function absorbFrozen(value: object): Known {
  let found = known.get(value);
  if (found === undefined) {
    if (Array.isArray(value)) absorbArray(value);
    else absorbObject(value);
    found = { of: value, high, low };
    known.set(value, found);
  }
  high = found.high;
  low = found.low;
  return found;
}

function absorbNumber(value: number): void {
  const upper = Math.floor(value / 0x1_0000_0000);
  high = scramble((value | 0) ^ 0x165667b1) ^ Math.imul(upper, 0x27d4eb2f);
  low = scramble((value | 0) + 0x5bd1e995) ^ Math.imul(upper, 0x85ebca6b | 0);
}

function absorbString(value: string): void {
  let a = 0x811c9dc5 | 0;
  let b = value.length;
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ code, 0x5bd1e995);
  }
  high = scramble(a);
  low = scramble(b ^ 0x2c1b3c6d);
}

/**
 * What was last met at each place of an array, if it was frozen. Replicas hold the same log, entry by entry,
 * and a look at this costs far less than one at all that is known.
 */
const lastAt: (Known | undefined)[] = [];
const LAST_AT_MAX = 100_000;

function absorbArray(value: readonly unknown[]): void {
  let a = value.length;
  let b = 0x68bc21eb;
  for (let i = 0; i < value.length; i++) {
    const item = value[i];
    const last = lastAt[i];
    if (last !== undefined && last.of === item) {
      a = scramble(a ^ last.high);
      b = scramble(b + last.low);
    } else {
      absorbItem(item, i);
      a = scramble(a ^ high);
      b = scramble(b + low);
    }
  }
  high = a ^ 0x02e5be93;
  low = b;
}

function absorbItem(item: unknown, place: number): void {
  if (typeof item !== 'object' || item === null || !Object.isFrozen(item)) absorb(item);
  else if (place >= LAST_AT_MAX) absorbFrozen(item);
  else lastAt[place] = absorbFrozen(item);
}

function absorbObject(value: object): void {
  const record = value as Record<string, unknown>;
  let a = 0x1f83d9ab;
  let b = 0x5be0cd19;
  // Order does not matter here: the members' digests are summed.
  for (const key of unorderedKeysOf(record)) {
    const member = record[key];
    if (member === undefined) continue;
    absorb(member);
    const memberHigh = high;
    const memberLow = low;
    absorbString(key);
    a = (a + scramble(memberHigh ^ Math.imul(high, 0x9e3779b1 | 0))) | 0;
    b = (b + scramble(memberLow ^ Math.imul(low, 0x85ebca77 | 0))) | 0;
  }
  high = scramble(a);
  low = scramble(b);
}

/** `mix` as a signed number, which engines keep without a box. */
function scramble(value: number): number {
  return mix(value) | 0;
}
