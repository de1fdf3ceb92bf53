import { describe, expect, test } from 'vitest';
import type { PrimaryKnobs } from '../../shared/protocols/ownership/primary/types.ts';
import type { Protocol } from '../../shared/sim/protocol.ts';
import { describeRun, fuzz, type FuzzRun } from '../support/fuzz.ts';
import { falseRefusals, lostWrites, primaryFuzz, SAFE } from '../support/primary-fuzz.ts';
import { trustsItself } from '../support/wrong/primary-trusts-itself.ts';

function runs(knobs: Partial<PrimaryKnobs>, count: number, protocol?: Protocol): FuzzRun[] {
  return Array.from({ length: count }, (_, i) => {
    const run = fuzz(primaryFuzz(knobs, protocol), i + 1);
    if (run.violation !== null) throw new Error(describeRun(run));
    return run;
  });
}

/** Of three nodes the primary and one replica are a majority: with all three measures nothing is lost. */
describe('primary and replicas under faults', () => {
  test(
    'with promises, a majority’s choice and epochs no acknowledged write is lost',
    { timeout: 120_000 },
    () => {
      const all = runs(SAFE, 80);
      for (const run of all) {
        expect(lostWrites(run.world), describeRun(run)).toEqual([]);
        expect(falseRefusals(run.world), describeRun(run)).toEqual([]);
      }
      expect(all.filter(({ world }) => world.leaders.length > 1).length).toBeGreaterThan(30);
    },
  );

  test(
    'with manual failover nothing is lost either, and what was refused is not there',
    { timeout: 120_000 },
    () => {
      for (const mode of ['synchronous', 'semi-synchronous', 'asynchronous'] as const) {
        for (const run of runs({ mode, failover: 'manual' }, 20)) {
          expect(lostWrites(run.world), describeRun(run)).toEqual([]);
          expect(falseRefusals(run.world), describeRun(run)).toEqual([]);
        }
      }
    },
  );

  test.each<[string, Partial<PrimaryKnobs>, Protocol?]>([
    ['promises', { ...SAFE, mode: 'asynchronous' }],
    ['a majority’s choice', { ...SAFE, majority: false }],
    ['promises, by a primary that counts itself', SAFE, trustsItself],
  ])('without %s acknowledged writes are lost', { timeout: 120_000 }, (_, knobs, protocol) => {
    expect(runs(knobs, 30, protocol).flatMap(({ world }) => lostWrites(world)).length).toBeGreaterThan(3);
  });
});
