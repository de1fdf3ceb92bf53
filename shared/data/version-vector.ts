import { keysOf, lookUp, type Table } from '../base/table.ts';

/**
 * Which writes of a key are in somebody's past: for every coordinator the counters of its writes.
 *
 * DeCandia et al. 2007 §4.4 keep one number a coordinator, and so claim every smaller one as well. That loses
 * data: two people who have not seen each other write through the same coordinator, get n1:1 and n1:2, and the
 * second seems to descend from the first. So a vector remembers which smaller counters were *not* seen (a
 * "version vector with exceptions", Malkhi and Terry 2005). Where the paper's numbers are right, both agree.
 */
export type VersionVector = Table<Seen>;

/** The counters of one coordinator: those above `after` up to `counter`, but for the missing ones. */
export type Seen = {
  readonly after: number;
  readonly counter: number;
  /** Ascending, between the two. */
  readonly missing: readonly number[];
  /** The coordinator's clock at its latest write here, for truncation. */
  readonly stamp: number;
};

/** One write: the coordinator that took it, and its count of writes of this key. Never used twice. */
export type Dot = { readonly node: string; readonly counter: number };

/** How many gaps are remembered. Beyond it the oldest knowledge goes, as with truncation: see there. */
const MISSING_MAX = 64;

export function contains(vector: Readonly<VersionVector>, dot: Dot): boolean {
  const seen = lookUp(vector, dot.node);
  return seen !== undefined && isSeen(seen, dot.counter);
}

/** The vector and one write more. */
export function withDot(vector: Readonly<VersionVector>, dot: Dot, stamp: number): VersionVector {
  const only = { after: dot.counter - 1, counter: dot.counter, missing: [], stamp };
  return join(vector, { [dot.node]: only });
}

/** Everything that is in one of the two. */
export function join(a: Readonly<VersionVector>, b: Readonly<VersionVector>): VersionVector {
  const joined: VersionVector = { ...a };
  for (const node of keysOf(b)) {
    const left = lookUp(a, node);
    const right = lookUp(b, node);
    if (right !== undefined) joined[node] = left === undefined ? right : joinSeen(left, right);
  }
  return joined;
}

/**
 * At most `max` coordinators, without those whose latest write is the oldest (§4.4: about ten; ties by name).
 * What is forgotten counts as never seen. That can make a version look concurrent with its own ancestor, a
 * false conflict that somebody has to merge; it can never make a version disappear.
 */
export function truncate(vector: Readonly<VersionVector>, max: number): VersionVector {
  const nodes = keysOf(vector);
  const stampOf = (node: string): number => lookUp(vector, node)?.stamp ?? 0;
  const kept: VersionVector = { ...vector };
  const oldestFirst = nodes.sort((a, b) => stampOf(a) - stampOf(b) || (a < b ? -1 : 1));
  for (const node of oldestFirst.slice(0, Math.max(0, nodes.length - max))) delete kept[node];
  return kept;
}

/** `n1:2 n3:1`: the latest write of every coordinator. */
export function describeVector(vector: Readonly<VersionVector>): string {
  return keysOf(vector)
    .map((node) => `${node}:${lookUp(vector, node)?.counter ?? 0}`)
    .join(' ');
}

function isSeen(seen: Seen, counter: number): boolean {
  return counter > seen.after && counter <= seen.counter && !seen.missing.includes(counter);
}

function joinSeen(a: Seen, b: Seen): Seen {
  const [low, high] = a.counter < b.counter ? [a, b] : [b, a];
  const stamp = a.counter === b.counter ? Math.max(a.stamp, b.stamp) : high.stamp;
  // Both reach down to the lower bottom now; what neither saw in between is missing.
  const after = Math.min(a.after, b.after);
  if (low.counter >= high.after && low.missing.length + high.missing.length === 0) {
    return { after, counter: high.counter, missing: [], stamp };
  }
  const missing: number[] = [];
  for (let counter = high.counter; counter > after; counter--) {
    if (isSeen(low, counter) || isSeen(high, counter)) continue;
    if (missing.length === MISSING_MAX) {
      return { after: counter, counter: high.counter, missing: missing.reverse(), stamp };
    }
    missing.push(counter);
  }
  return { after, counter: high.counter, missing: missing.reverse(), stamp };
}
