import { canonical } from '../../../base/json.ts';
import { compareClocks, describeClock, joinClocks, type VectorClock } from '../../../data/vector-clock.ts';
import type { Stored, Value } from '../../../sim/operation.ts';
import type { Versioned, VoldemortKnobs } from './types.ts';

/** The versions of a list that no other one has seen (versioning/VectorClockInconsistencyResolver.java). */
export function concurrentOf(versions: readonly Versioned[]): Versioned[] {
  const kept = versions.filter(
    (one, index) =>
      !versions.some((other, i) => {
        const order = compareClocks(one.clock, other.clock);
        return order === 'before' || (order === 'same' && i < index);
      }),
  );
  return kept.sort((a, b) => (canonical(a.clock) < canonical(b.clock) ? -1 : 1));
}

/**
 * What the client's resolver leaves. Time-based: the newest by the writers' clocks, with a clock that has seen
 * all, so that the next write ends the conflict and the others are gone (TimeBasedInconsistencyResolver.java).
 */
export function resolve(versions: readonly Versioned[], resolver: VoldemortKnobs['resolver']): Versioned[] {
  const [first, ...others] = concurrentOf(versions);
  if (first === undefined || others.length === 0 || resolver === 'siblings') return concurrentOf(versions);
  const all = [first, ...others];
  const newest = others.reduce((best, one) => (one.at > best.at ? one : best), first);
  const clock = clockOf(all);
  if (resolver === 'time-based') return [{ ...newest, clock }];
  return [{ clock, at: newest.at, value: unionOf(all.map(({ value }) => value)) }];
}

/** A clock that has seen all of these versions. */
export function clockOf(versions: readonly Versioned[]): VectorClock {
  return versions.reduce<VectorClock>((clock, version) => joinClocks(clock, version.clock), {});
}

/** The items of a stored set; a single value counts as a set of one. */
export function itemsOf(value: Stored): readonly Value[] {
  if (isList(value)) return value;
  return value === null ? [] : [value];
}

/** Each item once, in one order, whichever copy it came from. */
export function unionOf(values: readonly Stored[]): Value[] {
  const items = values.flatMap(itemsOf).map((item) => ({ item, text: canonical(item) }));
  return items
    .filter(({ text }, index) => items.findIndex((other) => other.text === text) === index)
    .sort((a, b) => (a.text < b.text ? -1 : 1))
    .map(({ item }) => item);
}

/** As the client prints them: `version(n1:2, n3:1)`. */
export function versionText(clock: VectorClock): string {
  return `version(${describeClock(clock).replaceAll(' ', ', ')})`;
}

function isList(value: Stored): value is readonly Value[] {
  return Array.isArray(value);
}
