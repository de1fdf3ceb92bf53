import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { newestOf } from '../../shared/data/last-write-wins.ts';
import {
  bucketOf,
  childrenOf,
  differing,
  LEAF_LEVEL,
  type MerkleItem,
  merkleTree,
  type MerkleTree,
  rootOf,
} from '../../shared/data/merkle.ts';
import {
  contains,
  describeVector,
  type Dot,
  join,
  truncate,
  type VersionVector,
  withDot,
} from '../../shared/data/version-vector.ts';
import {
  contextOf,
  describeVersions,
  labelOf,
  mergeVersions,
  type Version,
  type Versions,
} from '../../shared/data/versions.ts';
import { compareVersions } from '../support/version-order.ts';

const nodes = ['n1', 'n2', 'n3'];
const dots = fc.record({ node: fc.constantFrom(...nodes), counter: fc.integer({ min: 1, max: 12 }) });
const vectorOf = (some: readonly Dot[]) =>
  some.reduce<VersionVector>((vector, dot) => withDot(vector, dot, dot.counter), {});
const everyDot = nodes.flatMap((node) => Array.from({ length: 13 }, (_, i) => ({ node, counter: i + 1 })));
/** The plain truth that a vector stands for: the set of its dots. */
const dotsIn = (vector: VersionVector) => everyDot.filter((dot) => contains(vector, dot));

describe('version vectors', { timeout: 60_000 }, () => {
  test('hold exactly the dots put into them, gaps and all', () => {
    fc.assert(
      fc.property(fc.array(dots), (some) => {
        const expected = everyDot.filter((dot) =>
          some.some(({ node, counter }) => node === dot.node && counter === dot.counter),
        );
        expect(dotsIn(vectorOf(some))).toEqual(expected);
      }),
    );
  });

  test('join is the union: commutative, associative, idempotent', () => {
    fc.assert(
      fc.property(fc.array(dots), fc.array(dots), fc.array(dots), (x, y, z) => {
        const [a, b, c] = [vectorOf(x), vectorOf(y), vectorOf(z)];
        expect(join(a, b)).toEqual(vectorOf([...x, ...y]));
        expect(join(a, b)).toEqual(join(b, a));
        expect(join(join(a, b), c)).toEqual(join(a, join(b, c)));
        expect(join(a, a)).toEqual(a);
      }),
    );
  });

  test('keep a bounded number of gaps, forgetting the oldest knowledge first', () => {
    const odd = Array.from({ length: 200 }, (_, i) => ({ node: 'n1', counter: 2 * i + 1 }));
    const vector = vectorOf(odd);
    expect(vector['n1']?.missing.length).toBeLessThanOrEqual(64);
    expect(contains(vector, { node: 'n1', counter: 399 })).toBe(true);
    expect(contains(vector, { node: 'n1', counter: 1 })).toBe(false);
    expect(odd.filter((dot) => contains(vector, dot)).length).toBeGreaterThan(60);
    expect(contains(vector, { node: 'n1', counter: 398 })).toBe(false);
  });

  test('are truncated at the oldest write, ties by name, and never contain more than before', () => {
    const stamps = { n1: 30, n2: 10, n3: 10, n4: 20 };
    let vector: VersionVector = {};
    for (const [node, stamp] of Object.entries(stamps)) vector = withDot(vector, { node, counter: 1 }, stamp);
    expect(describeVector(truncate(vector, 4))).toBe('n1:1 n2:1 n3:1 n4:1');
    expect(describeVector(truncate(vector, 3))).toBe('n1:1 n3:1 n4:1');
    expect(describeVector(truncate(vector, 1))).toBe('n1:1');
  });
});

/**
 * A run without a network: every step either writes, on top of what one of three copies of the key shows, or
 * merges one copy into another. All versions that a real system can make come about like this.
 */
const steps = fc.array(
  fc.record({ to: fc.nat(2), from: fc.nat(2), kind: fc.constantFrom('write', 'blind write', 'merge') }),
  { maxLength: 25 },
);
type Step = { readonly to: number; readonly from: number; readonly kind: string };

function run(some: readonly Step[]): {
  copies: Versions<number>[];
  all: Version<number>[];
  pasts: Set<string>[];
} {
  const copies: Versions<number>[] = [[], [], []];
  const all: Version<number>[] = [];
  /** For each version the labels of all that its writer had seen, computed the simple way. */
  const pasts: Set<string>[] = [];
  const seenAt = (copy: Versions<number>) =>
    new Set(copy.flatMap((version) => [labelOf([version]), ...(pasts[all.indexOf(version)] ?? [])]));
  const counters = [0, 0, 0];
  for (const [at, { to, from, kind }] of some.entries()) {
    const target = copies[to] ?? [];
    if (kind === 'merge') {
      copies[to] = mergeVersions(target, copies[from] ?? []);
      continue;
    }
    const shown = kind === 'write' ? (copies[from] ?? []) : [];
    const counter = (counters[to] = (counters[to] ?? 0) + 1);
    const version = {
      dot: { node: nodes[to] ?? '', counter },
      past: contextOf(shown),
      value: at,
      deleted: false,
      at,
    };
    pasts.push(seenAt(shown));
    all.push(version);
    copies[to] = mergeVersions(target, [version]);
  }
  return { copies, all, pasts };
}

describe('versions', { timeout: 60_000 }, () => {
  test('are ordered as who had seen what: a partial order', () => {
    fc.assert(
      fc.property(steps, (some) => {
        const { all, pasts } = run(some);
        for (const [i, a] of all.entries()) {
          for (const [j, b] of all.entries()) {
            const expected =
              i === j
                ? 'same'
                : pasts[j]?.has(labelOf([a]))
                  ? 'before'
                  : pasts[i]?.has(labelOf([b]))
                    ? 'after'
                    : 'concurrent';
            expect(compareVersions(a, b)).toBe(expected);
            for (const c of all) {
              if (compareVersions(a, b) === 'before' && compareVersions(b, c) === 'before') {
                expect(compareVersions(a, c)).toBe('before');
              }
            }
          }
        }
      }),
    );
  });

  test('merge commutatively, associatively and idempotently; siblings are pairwise concurrent', () => {
    fc.assert(
      fc.property(steps, (some) => {
        const [a = [], b = [], c = []] = run(some).copies;
        expect(mergeVersions(a, b)).toEqual(mergeVersions(b, a));
        expect(mergeVersions(mergeVersions(a, b), c)).toEqual(mergeVersions(a, mergeVersions(b, c)));
        expect(mergeVersions(a, a)).toBe(a);
        const merged = mergeVersions(a, b);
        for (const [i, x] of merged.entries()) {
          for (const y of merged.slice(i + 1)) expect(compareVersions(x, y)).toBe('concurrent');
        }
      }),
    );
  });

  test('a write with the context of what is there leaves itself alone', () => {
    fc.assert(
      fc.property(steps, (some) => {
        const { copies } = run(some);
        const shown = copies.reduce(mergeVersions, []);
        const version = {
          dot: { node: 'n9', counter: 1 },
          past: contextOf(shown),
          value: 0,
          deleted: false,
          at: 0,
        };
        expect(mergeVersions(shown, [version])).toEqual([version]);
      }),
    );
  });

  test('two clients who know only their own last write keep one sibling each, however often they write', () => {
    // With plain vectors the second would overwrite the first; with one vector for all siblings they would pile up.
    let copy: Versions<string> = [];
    const contexts: VersionVector[] = [{}, {}];
    for (let i = 0; i < 200; i++) {
      const writer = i % 2;
      const dot = { node: 'n1', counter: i + 1 };
      const past = contexts[writer] ?? {};
      copy = mergeVersions(copy, [{ dot, past, value: `${'pq'[writer]}${i}`, deleted: false, at: i }]);
      contexts[writer] = withDot(past, dot, i);
    }
    expect(copy.map(({ value }) => value)).toEqual(['p198', 'q199']);
    expect(describeVersions(copy)).toBe('n1:199 | n1:200');
  });

  test('of concurrent versions the newest is one, whatever the order in which they met', () => {
    fc.assert(
      fc.property(steps, (some) => {
        const [a = [], b = [], c = []] = run(some).copies;
        const first = newestOf(mergeVersions(mergeVersions(a, b), c));
        expect(first).toEqual(newestOf(mergeVersions(c, mergeVersions(b, a))));
        expect(first.length).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('Merkle trees', { timeout: 60_000 }, () => {
  const items = fc.uniqueArray(
    fc.record({ position: fc.integer({ min: 0, max: 0xffffffff }), label: fc.string({ maxLength: 4 }) }),
    { selector: ({ position }) => position, maxLength: 40 },
  );

  /** Both sides' conversation, from the root to the leaves. */
  function bucketsThatDiffer(mine: MerkleTree, theirs: MerkleTree): number[] {
    let hashes = rootOf(mine);
    let [shown, other] = [mine, theirs];
    for (let level = 0; level < LEAF_LEVEL; level++) {
      const nodesThatDiffer = differing(other, level, hashes);
      [shown, other] = [other, shown];
      hashes = childrenOf(shown, level, nodesThatDiffer);
    }
    return differing(other, LEAF_LEVEL, hashes);
  }

  test('find exactly the buckets in which two sets differ', () => {
    fc.assert(
      fc.property(items, items, fc.array(fc.nat(39)), (common, extra, changed) => {
        const other = common.map((item, i) =>
          changed.includes(i) ? { ...item, label: `${item.label}!` } : item,
        );
        const added = extra.filter(({ position }) => common.every((item) => item.position !== position));
        const differs = new Set([
          ...common.filter((_, i) => changed.includes(i)).map(({ position }) => bucketOf(position)),
          ...added.map(({ position }) => bucketOf(position)),
        ]);
        const found = bucketsThatDiffer(merkleTree(common), merkleTree([...other, ...added]));
        expect(found).toEqual([...differs].sort((a, b) => a - b));
      }),
    );
  });

  test('do not depend on the order of what is in them', () => {
    fc.assert(
      fc.property(items, (some: MerkleItem[]) => {
        expect(merkleTree([...some].reverse())).toEqual(merkleTree(some));
      }),
    );
  });
});
