import { test } from 'vitest';
import { fuzzSeeds } from '../support/fuzz.ts';
import { hbaseFuzz, hbaseMembersFuzz } from '../support/hbase-fuzz.ts';

/** `FUZZ_SEEDS=50000` for more of them, `SEED=42` for that one alone. */
const single = process.env['SEED'];
const seeds = single === undefined ? Number(process.env['FUZZ_SEEDS'] ?? '10000') : 1;
const first = single === undefined ? 1 : Number(single);

test(`HBase is safe and recovers under faults, ${seeds} seeds from ${first}`, () => {
  for (let seed = first; seed < first + seeds; seed++) {
    // Every fourth run with region servers that come and go.
    fuzzSeeds(seed % 4 === 0 ? hbaseMembersFuzz() : hbaseFuzz, seed, 1);
  }
});
