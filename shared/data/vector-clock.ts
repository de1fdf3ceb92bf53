import { keysOf, lookUp, type Table, unorderedKeysOf } from '../base/table.ts';

/**
 * A version vector of plain counters, which most systems call a vector clock: how many writes of each actor
 * somebody has seen. It claims every smaller count as well, as in Riak, Voldemort and the textbooks; compare
 * `VersionVector`, which remembers gaps.
 */
export type VectorClock = Readonly<Table<number>>;

/** One write: who numbered it, and its number. */
export type Event = { readonly actor: string; readonly counter: number };

export type Order = 'same' | 'before' | 'after' | 'concurrent';

/** How two clocks relate: `before` when `b` has seen all that `a` has, and more. */
export function compareClocks(a: VectorClock, b: VectorClock): Order {
  const [covered, covers] = [descends(b, a), descends(a, b)];
  if (covered && covers) return 'same';
  if (covered) return 'before';
  return covers ? 'after' : 'concurrent';
}

/** Whether `a` has seen all that `b` has. */
export function descends(a: VectorClock, b: VectorClock): boolean {
  return unorderedKeysOf(b).every((actor) => countOf(a, actor) >= countOf(b, actor));
}

/** The larger count of each actor: all that either has seen. When `b` tells nothing new the result is `a` itself. */
export function joinClocks(a: VectorClock, b: VectorClock): VectorClock {
  let joined: Table<number> | null = null;
  for (const actor of unorderedKeysOf(b)) {
    const count = countOf(b, actor);
    if (count > (lookUp(a, actor) ?? -1)) (joined ??= { ...a })[actor] = count;
  }
  return joined ?? a;
}

export function countOf(clock: VectorClock, actor: string): number {
  return lookUp(clock, actor) ?? 0;
}

export function covers(clock: VectorClock, { actor, counter }: Event): boolean {
  return countOf(clock, actor) >= counter;
}

/** The clock after one more write of an actor. */
export function incremented(clock: VectorClock, actor: string): VectorClock {
  return { ...clock, [actor]: countOf(clock, actor) + 1 };
}

/** `n1:2 n3:1`. */
export function describeClock(clock: VectorClock): string {
  return keysOf(clock)
    .map((actor) => `${actor}:${countOf(clock, actor)}`)
    .join(' ');
}
