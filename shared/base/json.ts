import { keysOf, unorderedKeysOf } from './table.ts';

/** Plain data: what replicas keep, messages carry and recordings hold. Declared with `type`, never `interface`. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** The one text of a value: keys sorted, no spaces. Equal values have equal texts on every machine. */
export function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  let text = '';
  if (Array.isArray(value)) {
    for (const item of value) text += text === '' ? canonical(item) : `,${canonical(item)}`;
    return `[${text}]`;
  }
  const record = value as Record<string, unknown>;
  for (const key of keysOf(record)) {
    const member = record[key];
    if (member === undefined) continue;
    text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${canonical(member)}`;
  }
  return `{${text}}`;
}

/**
 * Freezes plain data to the bottom, and returns it: a log's entry, say, that every replica holds and nobody
 * ever changes. Copies share what is frozen, and its digest is computed once.
 */
export function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const key of unorderedKeysOf(value)) freeze((value as Record<string, unknown>)[key]);
  return Object.freeze(value);
}

/** A deep copy that shares nothing with its source that either could change. */
export function clone<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  if (Array.isArray(value)) {
    const copy: unknown[] = new Array<unknown>(value.length);
    for (let i = 0; i < value.length; i++) {
      const item: unknown = value[i];
      copy[i] = isFrozenItem(item, i) ? item : clone(item);
    }
    return copy as T;
  }
  // A spread keeps the shape of its source; an object built name by name would become a slow dictionary.
  const copy = { ...value } as Record<string, unknown>;
  for (const key of unorderedKeysOf(copy)) {
    const member = copy[key];
    if (typeof member === 'object' && member !== null) copy[key] = clone(member);
  }
  return copy as T;
}

/** The frozen item last met at each place of an array. */
const frozenAt: unknown[] = [];
const FROZEN_AT_MAX = 100_000;

/** Replicas hold the same log, entry by entry: a look at the last one met costs far less than `Object.isFrozen`. */
function isFrozenItem(item: unknown, place: number): boolean {
  if (frozenAt[place] === item) return item !== undefined;
  if (typeof item !== 'object' || item === null || !Object.isFrozen(item)) return false;
  if (place < FROZEN_AT_MAX) frozenAt[place] = item;
  return true;
}

/** Whether two plain values are the same data. */
export function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!equal(a[i], b[i])) return false;
    return true;
  }
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  const keys = unorderedKeysOf(left);
  if (keys.length !== unorderedKeysOf(right).length) return false;
  return keys.every((key) => Object.hasOwn(right, key) && equal(left[key], right[key]));
}
