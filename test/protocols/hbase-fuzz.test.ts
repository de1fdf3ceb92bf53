import { describe, expect, test } from 'vitest';
import type { Protocol } from '../../shared/sim/protocol.ts';
import { hbase } from '../../shared/systems/hbase.ts';
import { describeRun, fuzz, fuzzSeeds } from '../support/fuzz.ts';
import { hbaseFuzz, hbaseMembersFuzz } from '../support/hbase-fuzz.ts';
import { acknowledgesAlone } from '../support/wrong/hbase-acknowledges-alone.ts';
import { closesInNameOnly } from '../support/wrong/hbase-closes-in-name-only.ts';
import { forgetsTheSeal } from '../support/wrong/hbase-forgets-the-seal.ts';
import { opensWithoutReplay } from '../support/wrong/hbase-opens-without-replay.ts';
import { stopsAtOnce } from '../support/wrong/hbase-stops-at-once.ts';

const LISTED = hbase.errors.map(({ error }) => error);

describe('under faults HBase is safe and recovers', { timeout: 240_000 }, () => {
  let seen = new Map<string, number>();

  test('seeds 1 to 20', () => {
    seen = fuzzSeeds(hbaseFuzz, 1, 20);
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

describe('while region servers come and go', { timeout: 240_000 }, () => {
  test('nothing is lost, and every region is served in the end, seeds 1 to 15', () => {
    const seen = new Map<string, number>();
    for (let seed = 1; seed <= 15; seed++) {
      const run = fuzz(hbaseMembersFuzz(), seed);
      if (run.violation !== null) throw new Error(describeRun(run));
      for (const [what, times] of run.seen) seen.set(what, (seen.get(what) ?? 0) + times);
      for (const { error } of run.world.operations) {
        if (error !== null) expect(LISTED).toContain(error.replace(/n\d/, 'n1'));
      }
    }
    for (const what of ['join ok', 'join fail', 'leave ok', 'leave fail', 'mark members', 'mark failover']) {
      expect(seen.get(what) ?? 0, what).toBeGreaterThan(5);
    }
  });

  const claims: readonly [name: string, wrong: Protocol, claim: string][] = [
    ['a region that is closed in name only', closesInNameOnly, 'a region has one writer'],
    ['a region server that stops with its regions', stopsAtOnce, 'every region is served'],
  ];

  test.each(claims)('%s is found', (_, wrong, claim) => {
    const isFound = (seed: number): boolean =>
      fuzz(hbaseMembersFuzz(wrong), seed).violation?.message.startsWith(`${claim}: `) === true;
    expect(Array.from({ length: 40 }, (_, i) => i + 1).some(isFound)).toBe(true);
  });
});

describe('what would be wrong is found', { timeout: 120_000 }, () => {
  /** Servers that go on without ZooKeeper: only the fence is between them and those who follow. */
  const zombies = { selfAbortAfter: 60_000 };
  const mistakes: readonly [name: string, wrong: Protocol, knobs: object][] = [
    ['a log that is read before it is sealed', hbaseFuzz.protocol, { ...zombies, fenceBeforeReplay: false }],
    ['data nodes that take a sealed log: two servers write a region', forgetsTheSeal, zombies],
    ['a region server that acknowledges what one data node has', acknowledgesAlone, {}],
    ['a master that gives regions away before the log is read', opensWithoutReplay, {}],
  ];

  test.each(mistakes)('%s', (_, protocol, knobs) => {
    const subject = { ...hbaseFuzz, protocol, knobs: { ...hbaseFuzz.knobs, ...knobs } };
    const claims = [
      'a region has one writer',
      'each change has its own number',
      'no acknowledged write is lost',
      'increments count once',
    ];
    const isFound = (seed: number): boolean => {
      const { violation } = fuzz(subject, seed);
      return claims.some((claim) => violation?.message.startsWith(`${claim}: `) === true);
    };
    expect(Array.from({ length: 40 }, (_, i) => i + 1).some(isFound)).toBe(true);
  });
});
