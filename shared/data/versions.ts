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

/**
 * The versions of both that nothing in either supersedes: what the paper calls syntactic reconciliation.
 * Commutative, associative and idempotent, so it does not matter in which order copies meet. When `b` tells
 * nothing new the result is `a` itself.
 *
 * Within `a` and within `b` nothing is superseded already, so only the two are compared with each other; when
 * a whole class writes to one key there are hundreds of siblings.
 */
export function mergeVersions<V extends Json>(a: Versions<V>, b: Versions<V>): Versions<V> {
  if (a === b) return a;
  const fresh = b.filter(({ dot }) => !has(a, dot) && !a.some((known) => contains(known.past, dot)));
  if (fresh.length === 0) return a;
  const left = a.filter(({ dot }) => !fresh.some((version) => contains(version.past, dot)));
  return [...left, ...fresh].sort(byDot);
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
  return describeEach(versions, (version) => describeVector(contextOf([version])));
}

/** A text for each sibling, with bars between them; of many only the first few. */
export function describeEach<V extends Json>(
  versions: Versions<V>,
  describe: (version: Version<V>) => string,
): string {
  const shown = versions.length > SHOWN_MAX ? SHOWN_MAX - 1 : versions.length;
  const texts = versions.slice(0, shown).map(describe);
  if (shown < versions.length) texts.push(`${versions.length - shown} more`);
  return texts.join(' | ');
}

const SHOWN_MAX = 5;

function has<V extends Json>(versions: Versions<V>, dot: Dot): boolean {
  let [low, high] = [0, versions.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const version = versions[middle];
    if (version === undefined) return false;
    const order = compareDots(version.dot, dot);
    if (order === 0) return true;
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return false;
}

function byDot<V extends Json>(a: Version<V>, b: Version<V>): number {
  return compareDots(a.dot, b.dot);
}

function compareDots(a: Dot, b: Dot): number {
  if (a.node !== b.node) return a.node < b.node ? -1 : 1;
  return a.counter - b.counter;
}
