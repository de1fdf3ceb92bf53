import { test } from 'vitest';
import { etcdDatagramFuzz, etcdFuzz, etcdMembersFuzz } from '../support/etcd-fuzz.ts';
import { fuzzSeeds } from '../support/fuzz.ts';

/** `FUZZ_SEEDS=50000` for more of them, `SEED=42` for that one alone. */
const single = process.env['SEED'];
const seeds = single === undefined ? Number(process.env['FUZZ_SEEDS'] ?? '10000') : 1;
const first = single === undefined ? 1 : Number(single);

test(`etcd is safe and recovers under faults, ${seeds} seeds from ${first}`, () => {
  for (let seed = first; seed < first + seeds; seed++) {
    // Every fourth run over links that reorder messages, and every fourth with members that come and go.
    fuzzSeeds([etcdDatagramFuzz, etcdMembersFuzz][seed % 4] ?? etcdFuzz, seed, 1);
  }
});
