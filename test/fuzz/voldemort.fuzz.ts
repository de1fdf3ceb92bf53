import { test } from 'vitest';
import { fuzzSeeds } from '../support/fuzz.ts';
import { voldemortFuzz } from '../support/voldemort-fuzz.ts';

/** `FUZZ_SEEDS=50000` for more of them, `SEED=42` for that one alone. */
const single = process.env['SEED'];
const seeds = single === undefined ? Number(process.env['FUZZ_SEEDS'] ?? '10000') : 1;
const first = single === undefined ? 1 : Number(single);

/** Every settings' claims in turn. */
const subjects = [
  voldemortFuzz(),
  voldemortFuzz({ requiredReads: 1, requiredWrites: 1, preferredReads: 3 }),
  voldemortFuzz({ resolver: 'union' }),
];

test(`Voldemort keeps what it promises under faults, ${seeds} seeds from ${first}`, () => {
  for (let seed = first; seed < first + seeds; seed++) {
    fuzzSeeds(subjects[seed % subjects.length] ?? voldemortFuzz(), seed, 1);
  }
});
