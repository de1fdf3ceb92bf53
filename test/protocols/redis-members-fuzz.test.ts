import { describe, expect, test } from 'vitest';
import type { Protocol } from '../../shared/sim/protocol.ts';
import { describeRun, fuzz } from '../support/fuzz.ts';
import { redisMembersFuzz } from '../support/redis-fuzz.ts';
import { unlisted } from '../support/redis-errors.ts';
import { deletesBeforeTheAnswer } from '../support/wrong/redis-deletes-before-the-answer.ts';
import { tellsOneSide } from '../support/wrong/redis-tells-one-side.ts';

describe('Redis Cluster while machines come and go', () => {
  test('agrees in the end, and a fix closes what was broken off', { timeout: 600_000 }, () => {
    const seen = new Map<string, number>();
    const errors: string[] = [];
    for (let seed = 1; seed <= 16; seed++) {
      const run = fuzz(redisMembersFuzz(), seed);
      if (run.violation !== null) throw new Error(describeRun(run));
      for (const [what, times] of run.seen) seen.set(what, (seen.get(what) ?? 0) + times);
      for (const operation of run.world.operations) errors.push(...unlisted(operation));
    }
    for (const what of ['join ok', 'join fail', 'leave ok', 'leave fail', 'mark failover', 'mark handoff']) {
      expect(seen.get(what) ?? 0, what).toBeGreaterThan(5);
    }
    expect(errors).toEqual([]);
  });

  const mistakes: readonly [name: string, wrong: Protocol, claim: string][] = [
    ['a MIGRATE that deletes before the answer', deletesBeforeTheAnswer, 'keys on their way are not lost'],
    ['a slot whose former owner is not told', tellsOneSide, 'who takes a slot has the greatest epoch'],
  ];

  test.each(mistakes)('%s is found', { timeout: 300_000 }, (_, wrong, claim) => {
    const isFound = (seed: number): boolean =>
      fuzz(redisMembersFuzz({}, wrong), seed).violation?.message.startsWith(`${claim}: `) === true;
    expect(Array.from({ length: 30 }, (_, i) => i + 1).some(isFound)).toBe(true);
  });
});
