import { describe, expect, test } from 'vitest';
import { score, type Scorecard } from '../../shared/checker/scorecard.ts';
import { Observation } from '../../shared/classroom/observation.ts';
import { acceptsWrites, assess, type Situation } from '../../shared/classroom/situation.ts';
import type { Command } from '../../shared/recording/command.ts';
import { Fold } from '../../shared/recording/fold.ts';
import type { Header } from '../../shared/recording/header.ts';
import { headerFor } from '../support/recordings.ts';

type Moment = { readonly at: number; readonly isSplit: boolean; readonly isStuck: boolean };

const UNTIL = 120_000;
const cut = (a: readonly string[], b: readonly string[]): Command => {
  return { kind: 'cut', from: { nodes: [...a] }, to: { nodes: [...b] }, oneWay: false };
};

/** CLUSTER KEYSLOT bar is 5061: in the first third of the slots, which n1 has in a Redis Cluster. */
const writeAt = (node: string): Command => {
  return { kind: 'operate', node, operation: { kind: 'write', key: 'bar', value: node } };
};
const WRITE: Timed = [3000, writeAt('n2')];
const HEAL: Timed = [90_000, { kind: 'heal', between: null }];

type Timed = readonly [at: number, command: Command];

/** A cluster that is healed at 90 s, as the wall says it every 500 ms, and its scorecard. */
function watched(system: string, nodes: number, steps: readonly Timed[], knobs: Header['knobs'] = {}) {
  const fold = new Fold({ ...headerFor(system, nodes), knobs, groups: {} });
  const observation = new Observation();
  const moments: Moment[] = [];
  const situations: Situation[] = [];
  let seq = 0;
  for (let at = 500; at <= UNTIL; at += 500) {
    fold.advance(at);
    for (const [time, command] of [...steps, HEAL]) {
      if (time === at) fold.apply({ seq: ++seq, at, command, ref: null });
    }
    const situation = assess(fold);
    observation.look(at, situation);
    situations.push(situation);
    const isStuck = !situation.sides.some(acceptsWrites);
    moments.push({ at, isSplit: situation.headline === 'split-brain', isStuck });
  }
  const card = score({ operations: [], stretches: observation.stretches, groups: [] });
  return { moments, card, situations, operations: fold.world.operations };
}

const within = (at: number, intervals: readonly { readonly from: number; readonly until: number }[]) =>
  intervals.some(({ from, until }) => from <= at && at < until);

const CASES = [
  // Each side has slots that the other has not: both write, and never the same key.
  { system: 'redis-cluster', nodes: 6, a: ['n1', 'n4'], b: ['n2', 'n3', 'n5', 'n6'], splits: 0 },
  // The replica of n1 takes over, some time after n1 has stopped.
  { system: 'redis-cluster', nodes: 6, a: ['n1', 'n5'], b: ['n2', 'n3', 'n4', 'n6'], splits: 0 },
  { system: 'hbase', nodes: 5, a: ['n1', 'n2', 'n3'], b: ['n4', 'n5'], splits: 0 },
  { system: 'hbase', nodes: 5, a: ['n1', 'n2'], b: ['n3', 'n4', 'n5'], splits: 0 },
  { system: 'etcd', nodes: 5, a: ['n1', 'n2', 'n3'], b: ['n4', 'n5'], splits: 0 },
  { system: 'dynamo', nodes: 5, a: ['n1', 'n2', 'n3'], b: ['n4', 'n5'], splits: 1 },
  { system: 'last-write-wins', nodes: 5, a: ['n1', 'n2'], b: ['n3', 'n4', 'n5'], splits: 1 },
] as const;

describe.each(CASES)('$system, $a from $b', ({ system, nodes, a, b, splits }) => {
  test('the headline and the scorecard tell the same times of split brain and of no quorum', () => {
    const { moments, card } = watched(system, nodes, [WRITE, [5000, cut(a, b)]]);
    expect(card.splitBrain).toHaveLength(splits);
    expectAgreement(moments, card);
  });
});

describe('where availability is by key', () => {
  /** The sides that would take a write of a key, at each moment that is said to be one of split brain. */
  const writersOf = (key: string, situations: readonly Situation[]) =>
    situations
      .filter(({ isSplit }) => isSplit)
      .map(({ sides }) => sides.filter(({ keys }) => keys[key]?.endsWith('write')).map(({ nodes }) => nodes));

  test('two masters of one slot are a split brain: the old one started again behind a cut', () => {
    const { moments, card, situations, operations } = watched('redis-cluster', 6, [
      WRITE,
      [5000, { kind: 'crash', node: 'n1', disk: 'kept' }],
      [60_000, cut(['n1'], ['n2', 'n3', 'n4', 'n5', 'n6'])],
      [60_000, { kind: 'restart', node: 'n1' }],
      [65_000, writeAt('n1')],
      [65_000, writeAt('n5')],
    ]);
    expect(card.splitBrain).toHaveLength(1);
    // CLUSTER_WRITABLE_DELAY of Redis's cluster.c: a master that starts waits two seconds before it takes writes.
    expect(card.splitBrain[0]?.from).toBeGreaterThan(62_000);
    expect(operations.map((operation) => operation.class)).toEqual(['ok', 'ok', 'ok']);
    for (const sides of writersOf('bar', situations)) {
      expect(sides).toEqual([['n2', 'n3', 'n4', 'n5', 'n6'], ['n1']]);
    }
    expectAgreement(moments, card);
  });

  test('so are two sides with a copy each, when one copy is enough', () => {
    const sides = [
      ['n1', 'n2', 'n3'],
      ['n4', 'n5'],
    ] as const;
    const { moments, card } = watched('cassandra', 5, [WRITE, [5000, cut(...sides)]], { consistency: 'ONE' });
    expect(card.splitBrain).toHaveLength(1);
    expectAgreement(moments, card);
    const strict = watched('cassandra', 5, [WRITE, [5000, cut(...sides)]], { consistency: 'QUORUM' });
    expect(strict.card.splitBrain).toEqual([]);
  });
});

function expectAgreement(moments: readonly Moment[], card: Scorecard): void {
  const differing = moments.filter(({ at, isSplit, isStuck }) => {
    const isSaid = within(at, card.splitBrain) === isSplit && within(at, card.withoutQuorum) === isStuck;
    return !isSaid && at < UNTIL;
  });
  expect(differing).toEqual([]);
}
