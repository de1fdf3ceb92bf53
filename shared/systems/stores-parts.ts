import { assert } from '../base/assert.ts';
import { lookUp, type Table } from '../base/table.ts';
import type { System } from './system.ts';

/** The main store's name: it has all keys that belong to no other. */
export const MAIN = '';

/** The stores of a cluster: what a protocol or driver over all of them has to know. */
export interface Stores {
  /** The main one first. */
  readonly names: readonly string[];
  system(name: string): System;
  /** The settings of a store; `main`: those of the main one. */
  knobs(name: string, main: object): object;
}

/** What replicas and drivers of a store say, with the name of the store. */
export type Tagged<T> = { readonly store: string } & T;

/** One thing for each store. */
export function eachStore<T>(names: readonly string[], make: (name: string) => T): Table<T> {
  const made: Table<T> = {};
  for (const name of names) made[name] = make(name);
  return made;
}

export function partOf<T>(parts: Table<T>, name: string): T {
  const part = lookUp(parts, name);
  assert(part !== undefined, `there is no store ${name}`);
  return part;
}

/** A timer's name among those of all stores. */
export function tag(store: string, timer: string): string {
  return `${store}/${timer}`;
}

export function untag(timer: string): [store: string, timer: string] {
  const end = timer.indexOf('/');
  return [timer.slice(0, end), timer.slice(end + 1)];
}

/** A text of a store: that of the main one stands alone. */
export function named(store: string, text: string): string {
  return store === MAIN ? text : `${store}: ${text}`;
}
