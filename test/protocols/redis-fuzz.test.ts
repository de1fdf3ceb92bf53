import { describe, expect, test } from 'vitest';
import type { Protocol } from '../../shared/sim/protocol.ts';
import { describeRun, fuzz, fuzzSeeds } from '../support/fuzz.ts';
import { unlisted } from '../support/redis-errors.ts';
import { lostWrites, redisFuzz, redisMoves } from '../support/redis-fuzz.ts';
import { forgetsVotes } from '../support/wrong/redis-forgets-votes.ts';
import { keepsItsSlots } from '../support/wrong/redis-keeps-its-slots.ts';
import { votesForAnybody } from '../support/wrong/redis-votes-for-anybody.ts';

/** `SEED=42 npx vitest run test/fuzz/redis-cluster.fuzz.ts` replays one; 10,000 of them: `npm run fuzz`. */
describe('Redis Cluster under faults', () => {
  test(
    'keeps one owner an epoch, agrees in the end, is of use again, and loses acknowledged writes',
    {
      timeout: 300_000,
    },
    () => {
      const seen = new Map<string, number>();
      let lost = 0;
      for (let seed = 1; seed <= 60; seed++) {
        const run = fuzz(redisFuzz(), seed);
        if (run.violation !== null) throw new Error(describeRun(run));
        for (const [what, times] of run.seen) seen.set(what, (seen.get(what) ?? 0) + times);
        lost += lostWrites(run.world).length;
      }
      for (const what of [
        'mark failover',
        'mark role',
        'mark rollback',
        'operation fail',
        'operation info',
      ]) {
        expect(seen.get(what) ?? 0, what).toBeGreaterThan(5);
      }
      expect(lost).toBeGreaterThan(2);
    },
  );

  test('without full coverage, and with replicas demanded, too', { timeout: 300_000 }, () => {
    fuzzSeeds({ ...redisFuzz({ requireFullCoverage: false, minReplicasToWrite: 1 }), sizes: [6] }, 1, 20);
  });

  test('while slots are moved, too, in whatever state a fault leaves them', { timeout: 300_000 }, () => {
    let [done, failed, broken, asked] = [0, 0, 0, 0];
    for (let seed = 1; seed <= 30; seed++) {
      const run = fuzz(redisMoves(), seed);
      if (run.violation !== null) throw new Error(describeRun(run));
      const moves = run.world.operations.filter(({ kind }) => kind === 'reshard');
      done += moves.filter(({ class: outcome }) => outcome === 'ok').length;
      failed += moves.filter(({ class: outcome }) => outcome === 'fail').length;
      broken += moves.filter(({ class: outcome }) => outcome === 'info').length;
      asked += run.seen.get('mark handoff') ?? 0;
    }
    for (const count of [done, failed, broken, asked]) expect(count).toBeGreaterThan(5);
  });
});

test('every error that a client gets is in the table of errors', { timeout: 120_000 }, () => {
  for (let seed = 1; seed <= 6; seed++) {
    for (const subject of [
      redisFuzz(),
      redisFuzz({ minReplicasToWrite: 1, allowReadsWhenDown: true }),
      redisMoves(),
    ]) {
      expect(fuzz(subject, seed).world.operations.flatMap(unlisted)).toEqual([]);
    }
  }
});

describe('the same claims find mistakes', () => {
  const mistakes: readonly [name: string, wrong: Protocol, claim: string][] = [
    ['forgetting whom it voted for in a crash', forgetsVotes, 'votes never go back'],
    ['a master that keeps its slots against a greater epoch', keepsItsSlots, 'all agree on the owners'],
    ['a master that votes for anybody, and twice', votesForAnybody, 'one owner in an epoch'],
  ];

  test.each(mistakes)('%s', { timeout: 120_000 }, (_, wrong, claim) => {
    // With two replicas a master, so that they may stand against each other.
    const subject = { ...redisFuzz({}, wrong), sizes: [9] };
    const isFound = (seed: number): boolean =>
      fuzz(subject, seed).violation?.message.startsWith(`${claim}: `) === true;
    expect(Array.from({ length: 100 }, (_, i) => i + 1).some(isFound)).toBe(true);
  });
});
