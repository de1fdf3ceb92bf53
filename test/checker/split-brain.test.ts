import { describe, expect, test } from 'vitest';
import { score } from '../../shared/checker/scorecard.ts';
import { Observation } from '../../shared/classroom/observation.ts';
import { acceptsWrites, assess } from '../../shared/classroom/situation.ts';
import type { Command } from '../../shared/recording/command.ts';
import { Fold } from '../../shared/recording/fold.ts';
import { headerFor } from '../support/recordings.ts';

type Moment = { readonly at: number; readonly isSplit: boolean; readonly isStuck: boolean };

const UNTIL = 120_000;
const cut = (a: readonly string[], b: readonly string[]): Command => {
  return { kind: 'cut', from: { nodes: [...a] }, to: { nodes: [...b] }, oneWay: false };
};

/** CLUSTER KEYSLOT bar is 5061: in the first third of the slots, which n1 has in a Redis Cluster. */
const WRITE: Command = { kind: 'operate', node: 'n2', operation: { kind: 'write', key: 'bar', value: 'a' } };

/** A cluster that is cut at 5 s and healed at 90 s, as the wall says it every 500 ms, and its scorecard. */
function watched(system: string, nodes: number, ...cuts: readonly Command[]) {
  const fold = new Fold({ ...headerFor(system, nodes), groups: {} });
  const observation = new Observation();
  const moments: Moment[] = [];
  let seq = 0;
  for (let at = 500; at <= UNTIL; at += 500) {
    const commands: readonly Command[] =
      at === 3000 ? [WRITE] : at === 5000 ? cuts : at === 90_000 ? [{ kind: 'heal', between: null }] : [];
    fold.advance(at);
    for (const command of commands) fold.apply({ seq: ++seq, at, command, ref: null });
    const situation = assess(fold);
    observation.look(at, situation);
    const isStuck = !situation.sides.some(acceptsWrites);
    moments.push({ at, isSplit: situation.headline === 'split-brain', isStuck });
  }
  const card = score({ operations: [], stretches: observation.stretches, groups: [] });
  return { moments, card };
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
    const { moments, card } = watched(system, nodes, cut(a, b));
    expect(card.splitBrain).toHaveLength(splits);
    expect(
      moments.filter(({ at, isSplit }) => isSplit !== within(at, card.splitBrain) && at < UNTIL),
    ).toEqual([]);
    expect(
      moments.filter(({ at, isStuck }) => isStuck !== within(at, card.withoutQuorum) && at < UNTIL),
    ).toEqual([]);
  });
});
