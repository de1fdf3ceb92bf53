import { test } from 'vitest';
import { fuzzSeeds } from '../support/fuzz.ts';
import { lastWriteFuzz, quorumStoreFuzz, singleCopyFuzz, vectorClockFuzz } from '../support/textbook-fuzz.ts';

/** `FUZZ_SEEDS=50000` for more of them, `SEED=42` for that one alone. */
const single = process.env['SEED'];
const seeds = single === undefined ? Number(process.env['FUZZ_SEEDS'] ?? '10000') : 1;
const first = single === undefined ? 1 : Number(single);

test.each([
  ['quorum', quorumStoreFuzz()],
  ['last-write-wins', lastWriteFuzz()],
  ['vector-clock', vectorClockFuzz()],
  ['single-copy', singleCopyFuzz()],
])(`%s keeps what it promises under faults, ${seeds} seeds from ${first}`, (_, subject) => {
  fuzzSeeds(subject, first, seeds);
});
