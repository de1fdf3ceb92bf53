import { describe, expect, test } from 'vitest';
import { fuzzSeeds } from '../support/fuzz.ts';
import { hbaseFuzz } from '../support/hbase-fuzz.ts';

describe('under faults HBase is safe and recovers', { timeout: 240_000 }, () => {
  let seen = new Map<string, number>();

  test('seeds 1 to 40', () => {
    seen = fuzzSeeds(hbaseFuzz, 1, 40);
  });

  test('what the fuzz claims to survive did happen', () => {
    const expected = [
      'mark leader',
      'mark failover',
      'mark suspect',
      'mark halt',
      'mark expire',
      'operation ok',
      'lost cut',
      'lost down',
    ];
    for (const what of expected) expect(seen.get(what) ?? 0, what).toBeGreaterThan(5);
  });
});
