import { expect, test } from 'vitest';
import {
  firstCollectionDisagreement,
  firstDisagreement,
  firstWeakDisagreement,
  judgeLinearizable,
} from '../support/checker/agreement.ts';

/** A hundred histories for every seed of the other fuzz runs: a million by default. `SEED=42` judges that one alone. */
const single = process.env['SEED'];
const count = single === undefined ? 100 * Number(process.env['FUZZ_SEEDS'] ?? '10000') : 1;
const first = single === undefined ? 1 : Number(single);

test(`linearizability agrees with the brute force on ${count} histories of all models`, () => {
  expect(firstDisagreement(judgeLinearizable, { first, count })).toBeNull();
});

test(`weaker models agree with the brute force on ${Math.ceil(count / 10)} histories`, () => {
  expect(firstWeakDisagreement({ first, count: Math.ceil(count / 10) })).toBeNull();
});

test(`weaker models agree with the brute force on ${Math.ceil(count / 100)} histories of sets and lists`, () => {
  expect(firstCollectionDisagreement({ first, count: Math.ceil(count / 100) })).toBeNull();
});
