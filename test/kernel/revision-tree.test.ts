import { describe, expect, test } from 'vitest';
import { draw } from '../../shared/base/random.ts';
import {
  conflictsOf,
  edit,
  merge,
  revisionOf,
  type Revisions,
  winnerOf,
} from '../../shared/data/revision-tree.ts';

type Tree = Revisions<string>;

/** Three copies that are edited at any of their leaves and now and then exchange what they have. */
function copies(seed: number): [Tree, Tree, Tree] {
  const trees: [Tree, Tree, Tree] = [[], [], []];
  for (let i = 0; i < 30; i++) {
    const random = draw(seed, i);
    const [here, there] = [random % 3, (random >>> 4) % 3] as const;
    const tree = trees[here] ?? [];
    if (random % 5 === 0) trees[here] = merge(tree, trees[there] ?? []);
    else {
      const leaf = tree[(random >>> 8) % Math.max(1, tree.length)];
      const isDelete = random % 7 === 0;
      const value = isDelete ? '' : `v${(random >>> 12) % 4}`;
      const edited = edit(tree, leaf === undefined ? null : revisionOf(leaf), value, isDelete);
      if (edited !== null) trees[here] = edited.document;
    }
  }
  return trees;
}

const seeds = Array.from({ length: 300 }, (_, i) => i + 1);

describe('trees of revisions', () => {
  test('merge in any order, as often as one likes, to the same', () => {
    for (const seed of seeds) {
      const [a, b, c] = copies(seed);
      expect(merge(a, b)).toEqual(merge(b, a));
      expect(merge(merge(a, b), c)).toEqual(merge(a, merge(b, c)));
      expect(merge(a, a)).toBe(a);
    }
  });

  test('show a live leaf before a deleted one, the longer history before the shorter, then the higher hash', () => {
    const first = edit([], null, 'tea', false)?.document ?? [];
    const base = revisionOf(first[0] ?? { generation: 0, path: [], deleted: false, value: '' });
    const branch = (...values: (string | null)[]): Tree =>
      values.reduce<Tree>((tree, value) => {
        const parent = tree.length === 0 ? base : revisionOf(tree[0] as Tree[number]);
        return edit(tree.length === 0 ? first : tree, parent, value ?? '', value === null)?.document ?? [];
      }, []);
    expect(winnerOf(merge(branch('a', 'b', null), branch('x')))?.value).toBe('x');
    expect(winnerOf(merge(branch('a', 'b'), branch('x')))?.value).toBe('b');
    const tied = merge(branch('a'), branch('x'));
    expect(tied.map(revisionOf)).toEqual([...tied.map(revisionOf)].sort().reverse());
    expect(conflictsOf(tied)).toHaveLength(1);
    expect(conflictsOf(merge(branch('a', null), branch('x')))).toHaveLength(0);
  });

  test('an edit names a leaf; without one there must be nothing, or nothing but tombstones', () => {
    const first = edit([], null, 'tea', false);
    const revision = revisionOf(first?.leaf ?? { generation: 0, path: [], deleted: false, value: '' });
    const second = edit(first?.document ?? [], revision, 'milk', false);
    expect(edit(second?.document ?? [], revision, 'late', false)).toBeNull();
    expect(edit(second?.document ?? [], null, 'new', false)).toBeNull();
    const gone = edit(first?.document ?? [], revision, '', true);
    expect(edit(gone?.document ?? [], null, 'again', false)?.leaf.generation).toBe(3);
  });
});
