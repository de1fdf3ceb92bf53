import { test } from 'vitest';
import { dynamoDbFuzz } from '../support/dynamodb-fuzz.ts';
import { fuzzSeeds } from '../support/fuzz.ts';

/** `FUZZ_SEEDS=50000` for more of them, `SEED=42` for that one alone. */
const single = process.env['SEED'];
const seeds = single === undefined ? Number(process.env['FUZZ_SEEDS'] ?? '10000') : 1;
const first = single === undefined ? 1 : Number(single);

/** The three modes in turn. */
const subjects = [
  dynamoDbFuzz(),
  dynamoDbFuzz({ mode: 'global-eventual' }),
  dynamoDbFuzz({ mode: 'global-strong' }),
];

test(`DynamoDB keeps what each mode promises under faults, ${seeds} seeds from ${first}`, () => {
  for (let seed = first; seed < first + seeds; seed++) {
    fuzzSeeds(subjects[seed % subjects.length] ?? dynamoDbFuzz(), seed, 1);
  }
});
