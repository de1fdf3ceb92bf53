import { test } from 'vitest';
import { fuzzSeeds } from '../support/fuzz.ts';
import { crashPointFuzz, twoPhaseFuzz } from '../support/two-phase-fuzz.ts';

/** `FUZZ_SEEDS=50000` for more of them, `SEED=42` for that one alone. */
const single = process.env['SEED'];
const seeds = single === undefined ? Number(process.env['FUZZ_SEEDS'] ?? '10000') : 1;
const first = single === undefined ? 1 : Number(single);

test.each([
  ['every crash of a coordinator', crashPointFuzz()],
  ['pauses', twoPhaseFuzz()],
  ['no cooperation', crashPointFuzz({ cooperative: false })],
] as const)(`two-phase commit is all or nothing with %s, ${seeds} seeds from ${first}`, (_, subject) => {
  fuzzSeeds(subject, first, seeds);
});
