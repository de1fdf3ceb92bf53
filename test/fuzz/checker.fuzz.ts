import { describe, expect, test } from 'vitest';
import {
  firstCollectionDisagreement,
  firstDisagreement,
  firstLockDisagreement,
  firstOrderDisagreement,
  firstSumDisagreement,
  firstWeakDisagreement,
  judgeLinearizable,
} from '../support/checker/agreement.ts';

/**
 * A million histories by default, over all models: a hundred for every seed of the other fuzz runs. `SEED=42` judges that
 * one alone, in every way.
 */
const single = process.env['SEED'];
const all = single === undefined ? 100 * Number(process.env['FUZZ_SEEDS'] ?? '10000') : 1;
const start = single === undefined ? 1 : Number(single);

type Seeds = { readonly first: number; readonly count: number };

/** Of a hundred histories so many: what takes longest by force has the fewest. */
const RUNS: readonly (readonly [what: string, share: number, run: (seeds: Seeds) => string | null])[] = [
  ['all models, linearizable', 70, (seeds) => firstDisagreement(judgeLinearizable, seeds)],
  ['all models, sequential', 5, (seeds) => firstOrderDisagreement(seeds)],
  ['registers, every weaker model', 10, (seeds) => firstWeakDisagreement(seeds)],
  ['sets and lists, every weaker model', 5, (seeds) => firstCollectionDisagreement(seeds)],
  ['counters and banks, the models they tell of', 5, (seeds) => firstSumDisagreement(seeds)],
  ['locks, every weaker model', 5, (seeds) => firstLockDisagreement(seeds)],
];

/** So many at a time: the test runner hears of every stretch, and nothing is kept from one to the next. */
const STRETCH = 20_000;

describe.each(RUNS)('%s', (_, share, run) => {
  const count = Math.ceil((share * all) / 100);
  const stretches = Array.from({ length: Math.ceil(count / STRETCH) }, (_unused, index): Seeds => {
    return { first: start + index * STRETCH, count: Math.min(STRETCH, count - index * STRETCH) };
  });

  test.each(stretches)('$count histories from seed $first agree with the brute force', (seeds) => {
    expect(run(seeds)).toBeNull();
  });
});
