import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { placement, rangesOf, walk } from '../../shared/protocols/quorum/ring.ts';

const names = (count: number) => Array.from({ length: count }, (_, i) => `n${i + 1}`);
const keys = Array.from({ length: 1000 }, (_, i) => `key ${i}`);

describe('the ring', () => {
  test('a preference list has N distinct nodes, and the walk goes on to every other', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 9 }),
        (key, size, n) => {
          const nodes = names(size);
          const owners = placement(key, nodes, n);
          expect(new Set(owners).size).toBe(Math.min(n, size));
          const all = [...walk(key, nodes)];
          expect(all.slice(0, owners.length)).toEqual(owners);
          expect([...all].sort()).toEqual([...nodes].sort());
        },
      ),
    );
  });

  test('the order in which nodes are listed does not matter', () => {
    for (const key of keys.slice(0, 50)) {
      expect(placement(key, names(7).reverse(), 3)).toEqual(placement(key, names(7), 3));
    }
  });

  test('a node that joins takes its share of the keys and moves no others', () => {
    let moved = 0;
    for (const key of keys) {
      const before = placement(key, names(9), 3);
      const after = placement(key, names(10), 3);
      if (!after.includes('n10')) expect(after).toEqual(before);
      else {
        moved++;
        expect(before).toEqual(expect.arrayContaining(after.filter((node) => node !== 'n10')));
      }
    }
    // Three of ten nodes own a key: about 300 of 1000.
    expect(moved).toBeGreaterThan(150);
    expect(moved).toBeLessThan(450);
  });

  test('keys are spread: no node owns more than twice its share', () => {
    for (const size of [5, 12, 30]) {
      const share = new Map<string, number>();
      for (const key of keys)
        for (const node of placement(key, names(size), 3)) share.set(node, (share.get(node) ?? 0) + 1);
      expect(share.size).toBe(size);
      expect(Math.max(...share.values())).toBeLessThan((2 * 3 * keys.length) / size);
    }
  });

  test('every key has the owners of its range', () => {
    const lists = new Set(rangesOf(names(6), 3).map((owners) => owners.join(' ')));
    for (const key of keys) expect(lists.has(placement(key, names(6), 3).join(' '))).toBe(true);
  });
});
