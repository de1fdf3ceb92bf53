import { describe, expect, test } from 'vitest';
import type { Protocol } from '../../shared/sim/protocol.ts';
import { dynamoDbFuzz, noSurprises } from '../support/dynamodb-fuzz.ts';
import { fuzz, fuzzSeeds } from '../support/fuzz.ts';
import { readsWithoutLease } from '../support/wrong/dynamodb-reads-without-lease.ts';
import { takesNothingOver } from '../support/wrong/dynamodb-takes-nothing-over.ts';

/** `SEED=42 npx vitest run test/fuzz/dynamodb.fuzz.ts` replays one; thousands of them: `npm run fuzz`. */
describe('DynamoDB under faults', () => {
  test('one Region loses nothing, consistent reads are never stale, default reads are', () => {
    const surprises = noSurprises();
    const seen = fuzzSeeds(dynamoDbFuzz({}, surprises), 1, 8);
    for (const name of ['lease', 'expire', 'commit']) {
      expect(seen.get(`mark ${name}`) ?? 0, name).toBeGreaterThan(20);
    }
    expect(surprises.staleReads).toBeGreaterThan(0);
  });

  test('Regions on their own lose increments silently and agree in the end', () => {
    const surprises = noSurprises();
    fuzzSeeds(dynamoDbFuzz({ mode: 'global-eventual' }, surprises), 1, 4);
    expect(surprises.lostIncrements).toBeGreaterThan(0);
  });

  test('Regions with strong consistency lose nothing', () => {
    fuzzSeeds(dynamoDbFuzz({ mode: 'global-strong' }), 1, 4);
  });
});

describe('the same claims find mistakes', () => {
  const mistakes: readonly [name: string, wrong: Protocol][] = [
    ['taking nothing over', takesNothingOver],
    ['answering without a lease', readsWithoutLease],
  ];

  test.each(mistakes)('%s', (_, wrong) => {
    const finds = (seed: number) => fuzz(dynamoDbFuzz({}, noSurprises(), wrong), seed).violation !== null;
    expect(Array.from({ length: 40 }, (_, i) => i + 1).some(finds)).toBe(true);
  });
});
