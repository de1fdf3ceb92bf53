import { describe, expect, test } from 'vitest';
import { fuzz, fuzzSeeds } from '../support/fuzz.ts';
import { leaseFuzz } from '../support/lease-fuzz.ts';

describe('a lease with fencing tokens', { timeout: 60_000 }, () => {
  test('no write takes place after one of a later holder', () => {
    const seen = fuzzSeeds(leaseFuzz(), 1, 120);
    for (const what of ['mark lease', 'mark expire', 'mark abort', 'operation fail', 'command pause'])
      expect(seen.get(what) ?? 0, what).toBeGreaterThan(10);
  });

  test('a resource that does not look at tokens lets sleepers write over their successors', () => {
    const seeds = Array.from({ length: 120 }, (_, i) => i + 1);
    const claims = seeds.flatMap(
      (seed) => fuzz(leaseFuzz({ checkTokens: false }), seed).violation?.message ?? [],
    );
    expect(claims.length).toBeGreaterThan(5);
    for (const claim of claims) expect(claim).toMatch(/^no write takes place after one of a later holder: /);
  });
});
