import { test } from 'vitest';
import { couchFuzz } from '../support/couchdb-fuzz.ts';
import { fuzzSeeds } from '../support/fuzz.ts';

/** `FUZZ_SEEDS=50000` for more of them, `SEED=42` for that one alone. */
const single = process.env['SEED'];
const seeds = single === undefined ? Number(process.env['FUZZ_SEEDS'] ?? '10000') : 1;
const first = single === undefined ? 1 : Number(single);

/** Peers and clusters in turn. */
const subjects = [couchFuzz(), couchFuzz({ mode: 'cluster' }), couchFuzz({ mode: 'cluster', q: 4, n: 2 })];

test(`CouchDB loses nothing and converges under faults, ${seeds} seeds from ${first}`, () => {
  for (let seed = first; seed < first + seeds; seed++) {
    fuzzSeeds(subjects[seed % subjects.length] ?? couchFuzz(), seed, 1);
  }
});
