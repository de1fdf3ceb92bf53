import { test } from 'vitest';
import { fuzzSeeds } from '../support/fuzz.ts';
import { quorumFuzz } from '../support/quorum-fuzz.ts';

/** `FUZZ_SEEDS=50000` for more of them, `SEED=42` for that one alone. */
const single = process.env['SEED'];
const seeds = single === undefined ? Number(process.env['FUZZ_SEEDS'] ?? '10000') : 1;
const first = single === undefined ? 1 : Number(single);

/** Every settings' claims in turn, the defaults most often. */
const subjects = [
  quorumFuzz(),
  quorumFuzz(),
  quorumFuzz({ sloppy: false }),
  quorumFuzz({ resolver: 'last-write-wins' }),
  quorumFuzz({ w: 3, r: 1 }),
];

test(`Dynamo is safe and converges under faults, ${seeds} seeds from ${first}`, () => {
  for (let seed = first; seed < first + seeds; seed++) {
    fuzzSeeds(subjects[seed % subjects.length] ?? quorumFuzz(), seed, 1);
  }
});
