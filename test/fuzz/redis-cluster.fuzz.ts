import { test } from 'vitest';
import { fuzzSeeds } from '../support/fuzz.ts';
import { redisFuzz, redisMembersFuzz, redisMoves } from '../support/redis-fuzz.ts';

/** `FUZZ_SEEDS=50000` for more of them, `SEED=42` for that one alone. */
const single = process.env['SEED'];
const seeds = single === undefined ? Number(process.env['FUZZ_SEEDS'] ?? '10000') : 1;
const first = single === undefined ? 1 : Number(single);

/** Every settings' claims in turn. */
const subjects = [
  redisFuzz(),
  { ...redisFuzz(), sizes: [9] },
  redisFuzz({ requireFullCoverage: false }),
  { ...redisFuzz({ minReplicasToWrite: 1 }), sizes: [6] },
  redisMoves(),
];

test(`Redis Cluster keeps its epochs and agrees in the end under faults, ${seeds} seeds from ${first}`, () => {
  for (let seed = first; seed < first + seeds; seed++) {
    // Every fourth run with machines that come and go.
    const subject = seed % 4 === 0 ? redisMembersFuzz() : subjects[seed % subjects.length];
    fuzzSeeds(subject ?? redisFuzz(), seed, 1);
  }
});
