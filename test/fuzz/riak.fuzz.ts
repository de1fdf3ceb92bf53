import { test } from 'vitest';
import { fuzzSeeds } from '../support/fuzz.ts';
import { riakFuzz } from '../support/riak-fuzz.ts';
import { riakMembersFuzz } from '../support/riak-members-fuzz.ts';

/** `FUZZ_SEEDS=50000` for more of them, `SEED=42` for that one alone. */
const single = process.env['SEED'];
const seeds = single === undefined ? Number(process.env['FUZZ_SEEDS'] ?? '10000') : 1;
const first = single === undefined ? 1 : Number(single);

/** Every settings' claims in turn, siblings most often. */
const subjects = [
  riakFuzz(),
  riakFuzz(),
  riakFuzz({ dvv: false }),
  riakFuzz({ allowMult: false }),
  riakFuzz({ allowMult: false, lastWriteWins: true }),
];

test(`Riak is safe and converges under faults, ${seeds} seeds from ${first}`, () => {
  for (let seed = first; seed < first + seeds; seed++) {
    // Every fourth run with members that come and go.
    const subject = seed % 4 === 0 ? riakMembersFuzz() : subjects[seed % subjects.length];
    fuzzSeeds(subject ?? riakFuzz(), seed, 1);
  }
});
