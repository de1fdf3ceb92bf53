import { test } from 'vitest';
import { cassandraFuzz } from '../support/cassandra-fuzz.ts';
import { cassandraMembersFuzz, cassandraRemovalsFuzz } from '../support/cassandra-members-fuzz.ts';
import { fuzzSeeds, type FuzzSubject } from '../support/fuzz.ts';

/** `FUZZ_SEEDS=50000` for more of them, `SEED=42` for that one alone. */
const single = process.env['SEED'];
const seeds = single === undefined ? Number(process.env['FUZZ_SEEDS'] ?? '10000') : 1;
const first = single === undefined ? 1 : Number(single);

/** Every settings' claims in turn, the defaults most often. */
const subjects = [
  cassandraFuzz(),
  cassandraFuzz(),
  cassandraFuzz({ speculativeRetry: 0, phiConvictThreshold: 5 }),
  cassandraFuzz({ gcGrace: 5, maxHintWindow: 1000 }),
  cassandraFuzz({ replicationFactor: 2 }),
];

/** Every fourth run has members that come and go. */
const members = [
  cassandraMembersFuzz(),
  cassandraMembersFuzz({ replicationFactor: 1 }),
  cassandraRemovalsFuzz(),
];

function subjectOf(seed: number): FuzzSubject {
  const [those, nth] = seed % 4 === 0 ? [members, seed / 4] : [subjects, seed];
  return those[nth % those.length] ?? cassandraFuzz();
}

test(`Cassandra keeps what it promises under faults, ${seeds} seeds from ${first}`, () => {
  for (let seed = first; seed < first + seeds; seed++) {
    fuzzSeeds(subjectOf(seed), seed, 1);
  }
});
