import { describe, expect, test } from 'vitest';
import { fuzz, fuzzSeeds } from '../support/fuzz.ts';
import { crashPointFuzz, twoPhaseFuzz } from '../support/two-phase-fuzz.ts';
import { forgetsVotes } from '../support/wrong/two-phase-forgets-votes.ts';
import { tellsBeforeLogging } from '../support/wrong/two-phase-tells-before-logging.ts';

describe('two-phase commit under faults', () => {
  test('2P1 and 2P4: all or nothing, and no money made or lost', { timeout: 120_000 }, () => {
    const seen = fuzzSeeds(crashPointFuzz(), 1, 80);
    fuzzSeeds(twoPhaseFuzz(), 1, 40);
    for (const what of ['mark prepare', 'mark commit', 'mark abort', 'operation info']) {
      expect(seen.get(what), what).toBeGreaterThan(50);
    }
  });

  test.each([
    ['without cooperative termination', { cooperative: false }],
    ['with one coordinator for all', { coordinator: 'first' }],
    ['with reads that do not wait', { whenLocked: 'fail' }],
  ] as const)('the same %s', { timeout: 120_000 }, (_, knobs) => {
    fuzzSeeds(crashPointFuzz(knobs), 1, 25);
  });

  test.each([
    [
      'a participant that forgets its vote',
      {},
      forgetsVotes,
      ['all or nothing', 'money is neither made nor lost'],
    ],
    [
      'a coordinator that tells before it logs',
      {},
      tellsBeforeLogging,
      ['all or nothing', 'money is neither made nor lost'],
    ],
    [
      'a heuristic decision',
      { heuristic: 'abort', heuristicAfter: 500 },
      undefined,
      ['money is neither made nor lost'],
    ],
  ] as const)('%s is found', { timeout: 120_000 }, (_, knobs, protocol, claims) => {
    expect(firstViolation(crashPointFuzz(knobs, protocol))).toBeOneOf([...claims]);
  });
});

/** The claim that did not hold in the first run in which one did not; null when all held. */
function firstViolation(subject: ReturnType<typeof crashPointFuzz>): string | null {
  for (let seed = 1; seed <= 100; seed++) {
    const { violation } = fuzz(subject, seed);
    if (violation !== null) return 'invariant' in violation ? violation.invariant : violation.message;
  }
  return null;
}
