import { describe, expect, test } from 'vitest';
import type { HistoryLine } from '../../shared/checker/history.ts';
import { lostWrites } from '../../shared/checker/losses.ts';
import { prepare } from '../../shared/checker/prepare.ts';
import {
  keptAvailability,
  score,
  timeOf,
  type ScoredOperation,
  type Stretch,
} from '../../shared/checker/scorecard.ts';

const LEFT = { nodes: ['n1', 'n2'], groups: ['A'], acceptsWrites: true };
const RIGHT = { nodes: ['n3'], groups: ['B'], acceptsWrites: false };
const WHOLE = { nodes: ['n1', 'n2', 'n3'], groups: ['A', 'B'], acceptsWrites: true };
const GROUPS = [
  { name: 'A', nodes: ['n1', 'n2'] },
  { name: 'B', nodes: ['n3'] },
];

function asked(node: string, invoked: number, took: number | null, more: Partial<ScoredOperation> = {}) {
  const returned = took === null ? null : invoked + took;
  return { node, invoked, returned, class: 'ok' as const, isStale: false, isLost: false, ...more };
}

function stretch(from: number, until: number, sides: Stretch['sides'], diverged = 0, conflicts = 0): Stretch {
  const isSplit = sides.filter(({ acceptsWrites }) => acceptsWrites).length > 1;
  return { from, until, sides, isSplit, diverged, conflicts };
}

describe('a scorecard', () => {
  const stretches = [
    stretch(0, 1000, [WHOLE]),
    stretch(1000, 3000, [LEFT, RIGHT]),
    stretch(3000, 4000, [LEFT, { ...RIGHT, acceptsWrites: true }], 2, 2),
    stretch(4000, 6000, [WHOLE], 1, 1),
    stretch(6000, 7000, [{ ...WHOLE, acceptsWrites: false }]),
  ];

  test('counts by side, by the side on which the node was when it asked', () => {
    const operations = [
      asked('n1', 500, 20),
      asked('n1', 1000, 30),
      asked('n2', 2000, 10, { class: 'fail' }),
      asked('n2', 2500, 5000, { class: 'info' }),
      asked('n1', 5000, null),
    ];
    const { everybody, sides, groups } = score({ operations, stretches, groups: GROUPS });
    expect(everybody).toMatchObject({ ok: 2, fail: 1, info: 1, open: 1, availability: 0.5, refused: 0.25 });
    expect(sides.map(({ name, lasted }) => [name, lasted])).toEqual([
      ['A + B', 4000],
      ['A', 3000],
      ['n3', 3000],
    ]);
    expect(sides[1]?.tally).toMatchObject({ ok: 1, fail: 1, info: 1, open: 0 });
    expect(groups[0]?.tally.ok).toBe(2);
  });

  test('names a side by its groups, and says where one is not all there', () => {
    const crashed = { nodes: ['n1', 'n3'], groups: ['A', 'B'], acceptsWrites: true };
    const { sides } = score({ operations: [], stretches: [stretch(0, 10, [crashed])], groups: GROUPS });
    expect(sides[0]?.name).toBe('A (1 of 2) + B');
  });

  test('says "not tested" of a side without requests, and never 100 %', () => {
    const { sides, groups } = score({ operations: [asked('n1', 2000, 10)], stretches, groups: GROUPS });
    expect(sides[2]?.tally).toMatchObject({ availability: null, refused: null, median: null, p99: null });
    expect(groups[1]?.tally.availability).toBeNull();
    expect(groups[0]?.tally.availability).toBe(1);
    const only = score({ operations: [asked('n3', 10, null)], stretches, groups: GROUPS }).everybody;
    expect(only.availability).toBeNull();
  });

  test('takes latencies of what succeeded only, by nearest rank', () => {
    const operations = Array.from({ length: 100 }, (_, i) => asked('n1', 0, i + 1));
    const late = asked('n1', 0, 9999, { class: 'fail' });
    const { median, p99 } = score({ operations: [...operations, late], stretches, groups: [] }).everybody;
    expect([median, p99]).toEqual([50, 99]);
  });

  test('joins the times without a quorum and of split brain, and follows divergence and conflicts', () => {
    const card = score({ operations: [], stretches, groups: [] });
    expect(card.splitBrain).toEqual([{ from: 3000, until: 4000 }]);
    expect(card.withoutQuorum).toEqual([{ from: 6000, until: 7000 }]);
    expect(timeOf(card.splitBrain)).toBe(1000);
    expect(card.longestDivergence).toBe(3000);
    expect(card.divergence).toEqual([
      { at: 0, keys: 0 },
      { at: 3000, keys: 2 },
      { at: 4000, keys: 1 },
      { at: 6000, keys: 0 },
    ]);
    expect(card.conflicts).toEqual({ opened: 2, merged: 2 });
  });

  test('counts stale reads and lost writes', () => {
    const operations = [asked('n1', 500, 20, { isStale: true }), asked('n3', 2000, 5, { isLost: true })];
    const { everybody, sides } = score({ operations, stretches, groups: [] });
    expect([everybody.stale, everybody.lost]).toEqual([1, 1]);
    expect(sides[2]?.tally.lost).toBe(1);
  });

  test('keeps promises by what was reached', () => {
    const { everybody } = score({ operations: [asked('n1', 0, 1)], stretches, groups: [] });
    expect(keptAvailability(everybody, 0.99)).toBe('kept');
    expect(keptAvailability({ ...everybody, availability: 0.98 }, 0.99)).toBe('broken');
    expect(keptAvailability({ ...everybody, availability: null }, 0.99)).toBe('not tested');
  });
});

describe('lost acknowledged writes', () => {
  const write = (value: string | null, call: number, ret: number | null, op = 'write'): HistoryLine => {
    const status = ret === null ? 'info' : 'ok';
    return { client: 'n1', op, key: 'x', value, out: null, call, ret, status };
  };
  const lost = (lines: readonly HistoryLine[], held: readonly (string | readonly string[])[]) =>
    lostWrites(prepare(lines.map((line, at) => ({ line, at }))), { x: held }).map(({ at }) => at);

  test('is what no replica has, nor anything that could have replaced it', () => {
    const lines = [write('a', 0, 10), write('b', 20, 30)];
    expect(lost(lines, ['a'])).toEqual([1]);
    expect(lost(lines, ['b'])).toEqual([]);
    expect(lost(lines, ['a', 'b'])).toEqual([]);
    expect(lost(lines, [])).toEqual([0, 1]);
  });

  test('is not what was overwritten, deleted, concurrent or never acknowledged', () => {
    expect(lost([write('a', 0, 10), write('b', 5, 30)], ['a'])).toEqual([]);
    expect(lost([write('a', 0, 10), write('b', 20, null)], ['a'])).toEqual([]);
    expect(lost([write('a', 0, 10), write('b', 20, null)], ['b'])).toEqual([]);
    expect(lost([write('a', 0, 10), write(null, 20, 30, 'delete')], [])).toEqual([]);
  });

  test('of a set: an item that nobody removed', () => {
    const lines = [write('a', 0, 10, 'add'), write('b', 20, 30, 'add'), write('b', 40, 50, 'remove')];
    expect(lost(lines, [['a']])).toEqual([]);
    expect(lost(lines, [[]])).toEqual([0]);
  });
});
