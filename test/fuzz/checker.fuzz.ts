import { describe, expect, test } from 'vitest';
import {
  firstDisagreement,
  linearizability,
  oneOrder,
  weakerCollections,
  weakerLocks,
  weakerRegisters,
  weakerSums,
  type Questions,
} from '../support/checker/agreement.ts';
import { stretches } from '../support/long-fuzz.ts';

/**
 * A million histories by default, over all models: a hundred for every seed of the other fuzz runs. Of a hundred so
 * many: what takes longest by force has the fewest.
 */
const RUNS: readonly (readonly [what: string, share: number, questions: Questions])[] = [
  ['all models, linearizable', 70, linearizability()],
  ['all models, sequential', 5, oneOrder],
  ['registers, every weaker model', 10, weakerRegisters],
  ['sets and lists, every weaker model', 5, weakerCollections],
  ['counters and banks, the models they tell of', 5, weakerSums],
  ['locks, every weaker model', 5, weakerLocks],
];

/** So many at a time: the test runner hears of every stretch, and nothing is kept from one to the next. */
const STRETCH = 20_000;

describe.each(RUNS)('%s', (_, share, questions) => {
  test.each(stretches(STRETCH, share))(
    '$count histories from seed $first agree with the brute force',
    (seeds) => {
      expect(firstDisagreement(questions, seeds)).toBeNull();
    },
  );
});
