import type { Json } from '../../base/json.ts';
import { keysOf, lookUp, type Table } from '../../base/table.ts';
import { countOf, incremented, joinClocks, type VectorClock } from '../vector-clock.ts';

/**
 * The part that add-wins sets, enable-wins flags and update-wins maps have in common (Bieniusa et al., INRIA
 * RR-8083, 2012, "an optimized conflict-free replicated set"): each name has the dots of the additions that
 * nobody has removed, with what each of them says, and `seen` tells removed dots from unknown ones, so that no
 * tombstones are needed.
 */
export type ObservedRemove<P extends Json> = {
  readonly seen: VectorClock;
  readonly names: Readonly<Table<Dots<P>>>;
};

/** What each addition says, by its dot `n1:2`. */
export type Dots<P extends Json> = Readonly<Table<P>>;

export const NOTHING: ObservedRemove<never> = { seen: {}, names: {} };

/** A new addition takes the place of those of this name that were here. */
export function put<P extends Json>(
  held: ObservedRemove<P>,
  name: string,
  payload: P,
  actor: string,
): ObservedRemove<P> {
  const seen = incremented(held.seen, actor);
  const dots = { [`${actor}:${countOf(seen, actor)}`]: payload };
  return { seen, names: { ...held.names, [name]: dots } };
}

/** Removes the additions that were here; one that is not known here survives. */
export function drop<P extends Json>(held: ObservedRemove<P>, name: string): ObservedRemove<P> {
  const names = { ...held.names };
  delete names[name];
  return { seen: held.seen, names };
}

/** A dot stays if both have it, or if the one that lacks it has never seen it. */
export function mergeObserved<P extends Json>(a: ObservedRemove<P>, b: ObservedRemove<P>): ObservedRemove<P> {
  if (a === b) return a;
  const names: Table<Dots<P>> = {};
  for (const name of keysOf({ ...a.names, ...b.names })) {
    const [left, right] = [lookUp(a.names, name) ?? {}, lookUp(b.names, name) ?? {}];
    const kept =
      left === right ? left : { ...survivors(left, right, b.seen), ...survivors(right, left, a.seen) };
    if (keysOf(kept).length > 0) names[name] = kept;
  }
  return { seen: joinClocks(a.seen, b.seen), names };
}

function survivors<P extends Json>(mine: Dots<P>, theirs: Dots<P>, seenByThem: VectorClock): Table<P> {
  const kept: Table<P> = {};
  for (const dot of keysOf(mine)) {
    const payload = lookUp(mine, dot);
    const isRemoved = lookUp(theirs, dot) === undefined && isSeen(seenByThem, dot);
    if (payload !== undefined && !isRemoved) kept[dot] = payload;
  }
  return kept;
}

function isSeen(seen: VectorClock, dot: string): boolean {
  const colon = dot.lastIndexOf(':');
  return countOf(seen, dot.slice(0, colon)) >= Number(dot.slice(colon + 1));
}
