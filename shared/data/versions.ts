import type { Json } from '../base/json.ts';
import { contains, describeVector, type Dot, join, type VersionVector, withDot } from './version-vector.ts';

/** One written value of a key, and what its writer had seen of that key (DeCandia et al. 2007 §4.4). */
export type Version<V extends Json> = {
  /** The write itself. */
  readonly dot: Dot;
  /** The context of the write: every write that this one supersedes. */
  readonly past: Readonly<VersionVector>;
  readonly value: V;
  /** A tombstone: a delete is a write like any other, or an old copy would bring the value back. */
  readonly deleted: boolean;
  /** The coordinator's clock. */
  readonly at: number;
};

/** What is kept under a key: versions of which none supersedes another, ordered by dot. Several: siblings. */
export type Versions<V extends Json> = readonly Version<V>[];

export type Order = 'same' | 'before' | 'after' | 'concurrent';

/** How two versions of a key relate: `before` is one that the other's writer had seen. */
export function compareVersions<V extends Json>(a: Version<V>, b: Version<V>): Order {
  if (a.dot.node === b.dot.node && a.dot.counter === b.dot.counter) return 'same';
  if (contains(b.past, a.dot)) return 'before';
  return contains(a.past, b.dot) ? 'after' : 'concurrent';
}

/**
 * The versions of both that nothing in either supersedes: what the paper calls syntactic reconciliation.
 * Commutative, associative and idempotent, so it does not matter in which order copies meet. When `b` tells
 * nothing new the result is `a` itself.
 */
export function mergeVersions<V extends Json>(a: Versions<V>, b: Versions<V>): Versions<V> {
  const fresh = b.filter((version) =>
    a.every((known) => ['after', 'concurrent'].includes(compareVersions(version, known))),
  );
  if (fresh.length === 0) return a;
  const all = [...a, ...fresh];
  return all
    .filter((version) => all.every((other) => compareVersions(version, other) !== 'before'))
    .sort(byDot);
}

/** What someone has seen who has seen these versions. A write with this context supersedes them all. */
export function contextOf<V extends Json>(versions: Versions<V>): VersionVector {
  let context: VersionVector = {};
  for (const { past, dot, at } of versions) context = withDot(join(context, past), dot, at);
  return context;
}

/** `n1:2,n3:1`: names the versions themselves. Copies with equal labels hold the same. */
export function labelOf<V extends Json>(versions: Versions<V>): string {
  return versions.map(({ dot }) => `${dot.node}:${dot.counter}`).join(',');
}

/** The version vectors for people: `n1:2 n3:1`, siblings with a bar between them. */
export function describeVersions<V extends Json>(versions: Versions<V>): string {
  return versions.map((version) => describeVector(contextOf([version]))).join(' | ');
}

function byDot<V extends Json>(a: Version<V>, b: Version<V>): number {
  if (a.dot.node !== b.dot.node) return a.dot.node < b.dot.node ? -1 : 1;
  return a.dot.counter - b.dot.counter;
}
