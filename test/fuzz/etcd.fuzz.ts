import { test } from 'vitest';
import { etcdDatagramFuzz, etcdFuzz } from '../support/etcd-fuzz.ts';
import { fuzzSeeds } from '../support/fuzz.ts';

/** `FUZZ_SEEDS=50000` for more of them, `SEED=42` for that one alone. */
const single = process.env['SEED'];
const seeds = single === undefined ? Number(process.env['FUZZ_SEEDS'] ?? '10000') : 1;
const first = single === undefined ? 1 : Number(single);

test(`etcd is safe and recovers under faults, ${seeds} seeds from ${first}`, () => {
  for (let seed = first; seed < first + seeds; seed++) {
    // Every fourth run over links that reorder messages.
    fuzzSeeds(seed % 4 === 0 ? etcdDatagramFuzz : etcdFuzz, seed, 1);
  }
});
