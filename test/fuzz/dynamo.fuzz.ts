import { test } from 'vitest';
import { type FuzzSubject, fuzzSeeds } from '../support/fuzz.ts';
import { dynamoMembersFuzz, quorumFuzz } from '../support/quorum-fuzz.ts';

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

/** Every fourth run has members that come and go. */
const members = [
  dynamoMembersFuzz(),
  dynamoMembersFuzz({ n: 2, r: 1, w: 1 }),
  dynamoMembersFuzz({ sloppy: false }),
];

function subjectOf(seed: number): FuzzSubject {
  const [those, nth] = seed % 4 === 0 ? [members, seed / 4] : [subjects, seed];
  return those[nth % those.length] ?? quorumFuzz();
}

test(`Dynamo is safe and converges under faults, ${seeds} seeds from ${first}`, () => {
  for (let seed = first; seed < first + seeds; seed++) {
    fuzzSeeds(subjectOf(seed), seed, 1);
  }
});
