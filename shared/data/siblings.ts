import type { Json } from '../base/json.ts';
import {
  compareClocks,
  countOf,
  covers,
  descends,
  type Event,
  incremented,
  joinClocks,
  type VectorClock,
} from './vector-clock.ts';

/** What a server keeps under a key: concurrent values, and every write that it has seen of the key. */
export type Siblings<V extends Json> = {
  readonly seen: VectorClock;
  /** Ordered by the event that wrote them. */
  readonly values: readonly Sibling<V>[];
};

export type Sibling<V extends Json> = { readonly dot: Event; readonly value: V };

export const NO_SIBLINGS: Siblings<never> = { seen: {}, values: [] };

/** How a server writes, and how two servers' copies meet. */
export type SiblingRules = {
  /** A write of a client that has seen `context`, numbered by `actor`. The new value is the one with the new dot. */
  put<V extends Json>(held: Siblings<V>, context: VectorClock, value: V, actor: string): Siblings<V>;
  merge<V extends Json>(a: Siblings<V>, b: Siblings<V>): Siblings<V>;
};

/**
 * Dotted version vectors (Preguiça et al., arXiv 1011.5808; Riak's `dvv_enabled`): every value keeps the event
 * that wrote it. So a context that is a little old still removes the values that its client has seen, and there
 * are never more siblings than there were truly concurrent writes.
 */
export const dotted: SiblingRules = {
  put(held, context, value, actor) {
    const rest = held.values.filter(({ dot }) => !covers(context, dot));
    return addTo(rest, joinClocks(held.seen, context), value, actor);
  },
  merge(a, b) {
    if (a === b) return a;
    const kept = (mine: typeof a, other: typeof a) =>
      mine.values.filter((value) => has(other, value.dot) || !covers(other.seen, value.dot));
    const left = kept(a, b);
    const right = kept(b, a).filter(({ dot }) => !has(a, dot));
    return { seen: joinClocks(a.seen, b.seen), values: sorted([...left, ...right]) };
  },
};

/**
 * Version vectors without dots: one clock for all values of a key. A context replaces everything or nothing,
 * so a client that has missed one write cannot even remove its own last value: siblings explode.
 */
export const undotted: SiblingRules = {
  put(held, context, value, actor) {
    const rest = descends(context, held.seen) ? [] : held.values;
    return addTo(rest, joinClocks(held.seen, context), value, actor);
  },
  merge(a, b) {
    switch (compareClocks(a.seen, b.seen)) {
      case 'before':
        return b;
      case 'after':
        return a;
      case 'same':
      case 'concurrent': {
        const fresh = b.values.filter(({ dot }) => !has(a, dot));
        return { seen: joinClocks(a.seen, b.seen), values: sorted([...a.values, ...fresh]) };
      }
    }
  },
};

function addTo<V extends Json>(
  rest: readonly Sibling<V>[],
  before: VectorClock,
  value: V,
  actor: string,
): Siblings<V> {
  const seen = incremented(before, actor);
  return { seen, values: sorted([...rest, { dot: { actor, counter: countOf(seen, actor) }, value }]) };
}

function has<V extends Json>({ values }: Siblings<V>, dot: Event): boolean {
  return values.some((value) => compareDots(value.dot, dot) === 0);
}

function sorted<V extends Json>(values: Sibling<V>[]): Sibling<V>[] {
  return values.sort((a, b) => compareDots(a.dot, b.dot));
}

/** An order of events: by actor, then by count. */
export function compareDots(a: Event, b: Event): number {
  if (a.actor !== b.actor) return a.actor < b.actor ? -1 : 1;
  return a.counter - b.counter;
}
