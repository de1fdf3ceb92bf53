import { describe, expect, test } from 'vitest';
import type { RiakKnobs } from '../../shared/protocols/quorum/riak/types.ts';
import type { Protocol } from '../../shared/sim/protocol.ts';
import { fuzz, fuzzSeeds } from '../support/fuzz.ts';
import { type Losses, riakFuzz } from '../support/riak-fuzz.ts';
import { riakMembersFuzz } from '../support/riak-members-fuzz.ts';
import { dropsRiakSibling } from '../support/wrong/riak-drops-sibling.ts';
import { handsOffNothing } from '../support/wrong/riak-hands-off-nothing.ts';
import { reusesActors } from '../support/wrong/riak-reuses-actors.ts';

/** `SEED=42 npx vitest run test/fuzz/riak.fuzz.ts` replays one; thousands of them: `npm run fuzz`. */
describe('Riak under faults', () => {
  test('with siblings it is safe and converges', { timeout: 300_000 }, () => {
    const losses: Losses = { acknowledgedWrites: 0, doubleCounts: 0 };
    const seen = fuzzSeeds(riakFuzz({}, losses), 1, 4);
    const expected = ['conflict', 'merge', 'repair', 'hint', 'handoff', 'suspect', 'trust'];
    for (const what of expected) expect(seen.get(`mark ${what}`) ?? 0, what).toBeGreaterThan(5);
    for (const what of ['fail', 'info']) expect(seen.get(`operation ${what}`) ?? 0).toBeGreaterThan(20);
    expect(losses.acknowledgedWrites).toBe(0);
  });

  test('with members that come and go every partition has one owner in the end', { timeout: 300_000 }, () => {
    const losses: Losses = { acknowledgedWrites: 0, doubleCounts: 0 };
    const seen = fuzzSeeds(riakMembersFuzz(losses), 1, 3);
    for (const what of ['join ok', 'leave ok', 'mark members'])
      expect(seen.get(what) ?? 0, what).toBeGreaterThan(1);
    expect(losses.acknowledgedWrites).toBe(0);
  });

  const lossy: readonly [name: string, knobs: Partial<RiakKnobs>][] = [
    ['the default bucket', { allowMult: false }],
    ['last_write_wins', { allowMult: false, lastWriteWins: true }],
  ];

  test.each(lossy)('%s converges and loses acknowledged writes', { timeout: 300_000 }, (_, knobs) => {
    const losses: Losses = { acknowledgedWrites: 0, doubleCounts: 0 };
    fuzzSeeds(riakFuzz(knobs, losses), 1, 2);
    expect(losses.acknowledgedWrites).toBeGreaterThan(0);
  });
});

describe('the same claims find mistakes', () => {
  const mistakes: readonly [name: string, wrong: Protocol, claim: string][] = [
    ['dropping a concurrent sibling', dropsRiakSibling, 'acknowledged writes stay'],
    ['two vnodes that count under one name', reusesActors, 'events are not reused'],
  ];

  test.each(mistakes)('%s', { timeout: 300_000 }, (_, wrong, claim) => {
    const losses: Losses = { acknowledgedWrites: 0, doubleCounts: 0 };
    const finds = (seed: number) =>
      fuzz(riakFuzz({}, losses, wrong), seed).violation?.message.startsWith(`${claim}: `) ?? false;
    expect(Array.from({ length: 12 }, (_, i) => i + 1).some(finds)).toBe(true);
  });

  test('a partition that is given up without what is in it', { timeout: 300_000 }, () => {
    const claims = ['primaries agree', 'increments count', 'added items stay', 'acknowledged writes stay'];
    const finds = (seed: number) =>
      claims.includes(
        fuzz(riakMembersFuzz(undefined, handsOffNothing), seed).violation?.message.split(':')[0] ?? '',
      );
    expect([3, 4, 5, 6].some(finds)).toBe(true);
  });
});
