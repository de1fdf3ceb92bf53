import { describe, expect, test } from 'vitest';
import type { MemberState, MongoDb } from '../../shared/protocols/consensus/mongodb/types.ts';
import type { Protocol } from '../../shared/sim/protocol.ts';
import { describeRun, fuzz, fuzzSeeds, type FuzzRun } from '../support/fuzz.ts';
import {
  mongoArbiterFuzz,
  mongoCausalFuzz,
  mongoFuzz,
  mongoHastyFuzz,
  mongoMembersFuzz,
} from '../support/mongodb-fuzz.ts';
import { checkCausalSessions } from '../support/mongodb-reads.ts';
import { commitsAlone } from '../support/wrong/mongodb-commits-alone.ts';
import { electsTheStale } from '../support/wrong/mongodb-elects-the-stale.ts';
import { forgetsRetries } from '../support/wrong/mongodb-forgets-retries.ts';

describe('under faults what a majority acknowledged stays', { timeout: 120_000 }, () => {
  let seen = new Map<string, number>();

  test('seeds 1 to 40, and the set recovers', () => {
    seen = fuzzSeeds(mongoFuzz(), 1, 40);
  });

  test('seeds 41 to 60, with an arbiter', () => {
    fuzzSeeds(mongoArbiterFuzz(), 41, 20);
  });

  test('seeds 101 to 200, while members come and go', () => {
    const members = fuzzSeeds(mongoMembersFuzz(), 101, 100);
    for (const what of ['join ok', 'join fail', 'leave ok', 'leave fail', 'mark members']) {
      expect(members.get(what) ?? 0, what).toBeGreaterThan(10);
    }
  });

  test('a causal session reads its own writes and never goes back; without one, reads nearby do', () => {
    fuzzSeeds(mongoCausalFuzz(), 1, 20);
    const goesBack = (seed: number): boolean => {
      const { world } = fuzz(mongoCausalFuzz(null), seed);
      const asSession = world.operations.map((operation) => ({
        ...operation,
        options: { ...operation.options, session: 'causal' },
      }));
      try {
        checkCausalSessions(asSession, (world.node('n1').replica as MemberState).log);
      } catch {
        return true;
      }
      return false;
    };
    expect(Array.from({ length: 20 }, (_, i) => i + 1).filter(goesBack).length).toBeGreaterThan(5);
  });

  test('what the fuzz claims to survive did happen', () => {
    const expected = ['mark leader', 'mark commit', 'operation ok', 'operation fail', 'operation info'];
    for (const what of expected) expect(seen.get(what) ?? 0, what).toBeGreaterThan(10);
  });

  test('what one member acknowledged is lost now and then, and was read before', () => {
    const anomalies = new Set<string>();
    const hasty = mongoHastyFuzz((what) => anomalies.add(what));
    expect(fuzzSeeds(hasty, 1, 10).get('mark rollback') ?? 0).toBeGreaterThan(0);
    expect(anomalies).toContain('acknowledged write lost');
    expect(anomalies).toContain('read of what was rolled back');
  });
});

describe('what would be wrong is found', { timeout: 60_000 }, () => {
  test('a primary that commits alone', () => {
    expect(firstFailure(commitsAlone)).toBe('commit needs a majority');
  });

  test('votes for whoever asks: a primary lacks what was committed', () => {
    expect(firstFailure(electsTheStale)).toBe('leader completeness');
  });

  test('retries that are not known again: increments count twice', () => {
    expect(['a write is done once', 'increments count once']).toContain(firstFailure(forgetsRetries));
  });
});

/** The first claim that a wrong protocol breaks. */
function firstFailure(protocol: Protocol<MongoDb>): string {
  let last: FuzzRun | null = null;
  for (let seed = 1; seed <= 100; seed++) {
    last = fuzz({ ...mongoFuzz(), protocol }, seed);
    if (last.violation !== null)
      return 'invariant' in last.violation ? last.violation.invariant : last.violation.message;
  }
  return last === null ? 'no run' : describeRun(last);
}
