import { keysOf, lookUp, type Table } from '../../base/table.ts';

/**
 * State-based counters (Shapiro, Preguiça, Baquero, Zawirski, INRIA RR-7506, 2011, sections 3.1.1 and 3.1.3).
 * A G-counter only grows: each actor counts for itself, the value is the sum, and copies merge by the maximum.
 */
export type GCounter = Readonly<Table<number>>;

/** Two G-counters, one for what came and one for what went. It may fall below zero: it cannot guard a stock. */
export type PnCounter = { readonly up: GCounter; readonly down: GCounter };

export const ZERO: PnCounter = { up: {}, down: {} };

/** `by` is not negative. */
export function grow(counter: GCounter, actor: string, by: number): GCounter {
  return by === 0 ? counter : { ...counter, [actor]: (lookUp(counter, actor) ?? 0) + by };
}

export function totalOf(counter: GCounter): number {
  return keysOf(counter).reduce((sum, actor) => sum + (lookUp(counter, actor) ?? 0), 0);
}

export function mergeGCounters(a: GCounter, b: GCounter): GCounter {
  const merged: Table<number> = { ...a };
  for (const actor of keysOf(b)) merged[actor] = Math.max(lookUp(a, actor) ?? 0, lookUp(b, actor) ?? 0);
  return merged;
}

export function addToCounter({ up, down }: PnCounter, actor: string, by: number): PnCounter {
  return by < 0 ? { up, down: grow(down, actor, -by) } : { up: grow(up, actor, by), down };
}

export function valueOfCounter({ up, down }: PnCounter): number {
  return totalOf(up) - totalOf(down);
}

export function mergeCounters(a: PnCounter, b: PnCounter): PnCounter {
  return { up: mergeGCounters(a.up, b.up), down: mergeGCounters(a.down, b.down) };
}
