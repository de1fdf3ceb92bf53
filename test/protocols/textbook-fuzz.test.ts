import { describe, expect, test } from 'vitest';
import { fuzz, fuzzSeeds, type FuzzSubject } from '../support/fuzz.ts';
import { lastWriteFuzz, quorumStoreFuzz, singleCopyFuzz, vectorClockFuzz } from '../support/textbook-fuzz.ts';

/** Each promise holds for every seed, and each anomaly is found in several of them. */
describe('the textbook’s stores under faults', { timeout: 120_000 }, () => {
  const cases: readonly [
    name: string,
    subject: (tell: (anomaly: string) => void) => FuzzSubject,
    anomalies: Readonly<Record<string, number>>,
  ][] = [
    [
      'a majority quorum reads what was acknowledged; failed writes come true, reads go back, increments are lost',
      (tell) => quorumStoreFuzz({}, tell),
      { 'a failed write is read': 20, 'increments are lost': 20, 'reads go back': 1 },
    ],
    [
      'last write wins agrees on the latest time; later writes and increments are dropped without a word',
      lastWriteFuzz,
      { 'a later write is dropped': 10, 'increments are lost': 20 },
    ],
    [
      'vector clocks lose nothing unseen; somebody has to resolve what is left',
      vectorClockFuzz,
      { 'siblings are left': 20 },
    ],
    [
      'a single copy has one order; who cannot reach it gets nothing',
      singleCopyFuzz,
      { 'who cannot reach the copy gets nothing': 20 },
    ],
  ];

  test.each(cases)('%s', (_, subject, anomalies) => {
    const found = new Map<string, number>();
    const seen = fuzzSeeds(
      subject((anomaly) => found.set(anomaly, (found.get(anomaly) ?? 0) + 1)),
      1,
      120,
    );
    expect(seen.get('operation ok') ?? 0).toBeGreaterThan(1000);
    for (const [anomaly, least] of Object.entries(anomalies)) {
      expect(found.get(anomaly) ?? 0, anomaly).toBeGreaterThanOrEqual(least);
    }
  });

  test('nodes that number versions themselves let a majority miss what was acknowledged', () => {
    const subject = quorumStoreFuzz({ versions: 'node' });
    const claims = Array.from({ length: 120 }, (_, i) => fuzz(subject, i + 1).violation?.message ?? '');
    expect(claims.filter((claim) => claim !== '').length).toBeGreaterThan(0);
    for (const claim of claims) expect(claim).toMatch(/^$|^a read sees what was acknowledged before it: /);
  });
});
