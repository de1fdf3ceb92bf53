import { test } from 'vitest';
import { fuzzSeeds } from '../support/fuzz.ts';
import { mongoArbiterFuzz, mongoFuzz, mongoMembersFuzz } from '../support/mongodb-fuzz.ts';

/** `FUZZ_SEEDS=50000` for more of them, `SEED=42` for that one alone. */
const single = process.env['SEED'];
const seeds = single === undefined ? Number(process.env['FUZZ_SEEDS'] ?? '10000') : 1;
const first = single === undefined ? 1 : Number(single);

test(`a replica set is safe and recovers under faults, ${seeds} seeds from ${first}`, () => {
  for (let seed = first; seed < first + seeds; seed++) {
    // Every fourth run with an arbiter, and every fourth with members that come and go.
    fuzzSeeds([mongoArbiterFuzz(), mongoMembersFuzz()][seed % 4] ?? mongoFuzz(), seed, 1);
  }
});
