import { describe, expect, test } from 'vitest';
import {
  ARRANGEMENTS,
  arrange,
  cutPairs,
  freeName,
  groupsOf,
  healPairs,
  pairState,
  pairs,
  type Arrangement,
} from '../../client/src/state/console-groups.ts';
import { CUT_AB, NODES, Run } from './console-support.ts';

function sizesAfter(run: Run, arrangement: Arrangement): { [name: string]: number } {
  for (const command of arrange(arrangement, NODES, groupsOf(run.fold.world))) run.give(command);
  return Object.fromEntries(groupsOf(run.fold.world).map(({ name, nodes }) => [name, nodes.length]));
}

describe('quick arrangements', () => {
  test.each([
    ['whole', { A: 5, B: 0 }],
    ['halves', { A: 3, B: 2 }],
    ['majority', { A: 3, B: 2 }],
    ['thirds', { A: 2, B: 2, C: 1 }],
  ] as const)('%s', (arrangement, sizes) => {
    expect(sizesAfter(new Run(), arrangement)).toEqual(sizes);
  });

  test('every node ends in exactly one group, whatever stood before', () => {
    const run = new Run().give({ kind: 'move', node: 'n1', group: 'Paris' });
    for (const arrangement of ARRANGEMENTS) {
      sizesAfter(run, arrangement);
      const members = groupsOf(run.fold.world).flatMap((group) => group.nodes);
      expect([...members].sort()).toEqual(NODES);
    }
  });
});

test('the links of a pair of groups: up, cut, one way, and what is neither', () => {
  const run = new Run();
  const state = (): string => {
    const [a, b] = groupsOf(run.fold.world);
    return a && b ? pairState(run.fold.world, a, b) : '';
  };
  expect(state()).toBe('up');
  for (const command of cutPairs([['A', 'B']], true)) run.give(command);
  expect(state()).toBe('there');
  run.give(CUT_AB);
  expect(state()).toBe('cut');
  for (const command of healPairs([['A', 'B']])) run.give(command);
  expect(state()).toBe('up');
  run.give({ kind: 'isolate', node: 'n1' });
  expect(state()).toBe('partly');
});

test('three groups make three pairs', () => {
  expect(pairs(['A', 'B', 'C'])).toEqual([
    ['A', 'B'],
    ['A', 'C'],
    ['B', 'C'],
  ]);
});

test('a new group takes the first free letter', () => {
  expect(freeName(groupsOf(new Run().fold.world))).toBe('C');
});
