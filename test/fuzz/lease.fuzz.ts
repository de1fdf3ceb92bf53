import { test } from 'vitest';
import { fuzzSeeds } from '../support/fuzz.ts';
import { leaseFuzz } from '../support/lease-fuzz.ts';

/** `FUZZ_SEEDS=50000` for more of them, `SEED=42` for that one alone. */
const single = process.env['SEED'];
const seeds = single === undefined ? Number(process.env['FUZZ_SEEDS'] ?? '10000') : 1;
const first = single === undefined ? 1 : Number(single);

test(`the textbook's lease is safe under faults, ${seeds} seeds from ${first}`, () => {
  fuzzSeeds(leaseFuzz(), first, seeds);
});
