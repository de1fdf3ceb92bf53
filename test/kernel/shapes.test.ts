import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pairsOfShape, refuseShape, type ShapeName } from '../../shared/sim/shapes.ts';

/** Whom each node still hears, itself among them, as sorted lists. */
function heard(shape: ShapeName, count: number, sides = 3): number[][] {
  const cut = new Set(pairsOfShape(shape, count, sides).map(([from, to]) => `${from}>${to}`));
  const all = Array.from({ length: count }, (_, node) => node);
  return all.map((to) => all.filter((from) => !cut.has(`${from}>${to}`)));
}

/** Nodes that can reach each other, directly or through others, as sorted lists. */
function sidesOf(hears: readonly number[][]): number[][] {
  const left = new Set(hears.keys());
  const sides: number[][] = [];
  for (const first of hears.keys()) {
    if (!left.delete(first)) continue;
    const side = [first];
    for (const node of side) for (const other of hears[node] ?? []) if (left.delete(other)) side.push(other);
    sides.push(side.sort((a, b) => a - b));
  }
  return sides;
}

const counts = (min: number) => fc.integer({ min, max: 40 });
const majority = (count: number): number => Math.floor(count / 2) + 1;

describe('shapes', () => {
  test.each(['halves', 'minority', 'sides', 'bridge', 'star', 'ring'] as const)(
    'in a %s who hears whom is mutual',
    (shape) => {
      fc.assert(
        fc.property(counts(4), (count) => {
          const cut = new Set(pairsOfShape(shape, count, 3).map(([from, to]) => `${from}>${to}`));
          return pairsOfShape(shape, count, 3).every(([from, to]) => cut.has(`${to}>${from}`));
        }),
      );
    },
  );

  test('halves differ by one node at most', () => {
    fc.assert(
      fc.property(counts(2), (count) => {
        const sizes = sidesOf(heard('halves', count)).map((side) => side.length);
        expect(sizes).toHaveLength(2);
        expect(Math.abs((sizes[0] ?? 0) - (sizes[1] ?? 0))).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('a minority is the largest there is, and the rest a majority', () => {
    fc.assert(
      fc.property(counts(3), (count) => {
        const [small, large] = sidesOf(heard('minority', count)).map((side) => side.length);
        expect(large).toBeGreaterThanOrEqual(majority(count));
        expect(large).toBeLessThanOrEqual(majority(count));
        expect((small ?? 0) + (large ?? 0)).toBe(count);
      }),
    );
  });

  test('as many sides as asked, of equal size or nearly', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 9 }), counts(9), (sides, count) => {
        const sizes = sidesOf(heard('sides', count, sides)).map((side) => side.length);
        expect(sizes).toHaveLength(sides);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('over a bridge the halves hear one node in common and nobody of each other', () => {
    fc.assert(
      fc.property(counts(3), (count) => {
        const hears = heard('bridge', count);
        expect(hears[0]).toHaveLength(count);
        const halves = sidesOf(hears.map((from, to) => (to === 0 ? [0] : from.filter((node) => node !== 0))));
        expect(halves).toHaveLength(3);
        const sizes = halves.slice(1).map((half) => half.length);
        expect(Math.abs((sizes[0] ?? 0) - (sizes[1] ?? 0))).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('in a star all hear the hub and themselves only', () => {
    fc.assert(
      fc.property(counts(3), (count) => {
        const [hub, ...others] = heard('star', count);
        expect(hub).toHaveLength(count);
        expect(others).toEqual(others.map((_, index) => [0, index + 1]));
      }),
    );
  });

  test('in a ring every node hears a majority, and no two the same one', () => {
    fc.assert(
      fc.property(counts(4), (count) => {
        const hears = heard('ring', count);
        expect(Math.min(...hears.map((from) => from.length))).toBeGreaterThanOrEqual(majority(count));
        for (const from of hears) expect(from.length).toBeGreaterThanOrEqual(majority(count));
        expect(new Set(hears.map((from) => from.join(' '))).size).toBe(count);
      }),
    );
  });

  test.each([
    ['halves', 1, 'a halves needs at least 2 nodes, and there are 1'],
    ['ring', 3, 'a ring needs at least 4 nodes, and there are 3'],
    ['bridge', 2, 'a bridge needs at least 3 nodes, and there are 2'],
  ] as const)('a %s of %i is refused', (shape, count, refusal) => {
    expect(refuseShape(shape, count, 3)).toBe(refusal);
  });
});
