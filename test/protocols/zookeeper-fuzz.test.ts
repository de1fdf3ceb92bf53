import { describe, expect, test } from 'vitest';
import { describeRun, fuzz, fuzzSeeds, type FuzzSubject } from '../support/fuzz.ts';
import { acknowledgesEarly, forgetsItsEpoch } from '../support/wrong/zab-short-disk.ts';
import { commitsAlone } from '../support/wrong/zab-own-quorum.ts';
import { countStaleReads } from '../support/zab-invariants.ts';
import { zooKeeperFuzz } from '../support/zookeeper-fuzz.ts';

describe('under faults ZooKeeper is safe after every event and recovers', { timeout: 120_000 }, () => {
  let seen = new Map<string, number>();

  test('seeds 1 to 150', () => {
    seen = fuzzSeeds(zooKeeperFuzz, 1, 150);
  });

  test('what the fuzz claims to survive did happen', () => {
    const expected = [
      'mark leader',
      'mark truncate',
      'mark expire',
      'mark suspect',
      'operation ok',
      'operation fail',
      'operation info',
      'lost cut',
      'lost loss',
      'lost down',
      'command crash',
      'command restart',
      'command pause',
    ];
    for (const what of expected) expect(seen.get(what) ?? 0, what).toBeGreaterThan(10);
  });

  test('stale reads, which ZooKeeper allows, are found', () => {
    // Servers that take longer to notice that they are cut off read alone for longer.
    const patient = {
      ...zooKeeperFuzz,
      knobs: { ...zooKeeperFuzz.knobs, syncLimit: 20 },
      recoveryFor: 60_000,
    };
    const runs = Array.from({ length: 20 }, (_, i) => fuzz(patient, i + 1));
    expect(runs.flatMap(({ violation }) => (violation === null ? [] : [violation.message]))).toEqual([]);
    expect(runs.filter(({ world }) => countStaleReads(world.operations) > 0).length).toBeGreaterThan(1);
  });
});

describe('what would be wrong is found', { timeout: 60_000 }, () => {
  test('a leader that commits what it alone has', () => {
    expect(firstFailure({ ...zooKeeperFuzz, protocol: commitsAlone })).toBe('commit needs a quorum');
  });

  test('transactions that are acknowledged before they are on disk', () => {
    expect(firstFailure({ ...zooKeeperFuzz, protocol: acknowledgesEarly })).toMatch(
      /^(commit needs a quorum|a leader has what was committed|total order)$/,
    );
  });

  test('an accepted epoch that is not on the disk', () => {
    expect(firstFailure({ ...zooKeeperFuzz, protocol: forgetsItsEpoch, sizes: [3] })).not.toMatch(/^seed/);
  });
});

/** The first claim that a wrong protocol breaks. */
function firstFailure(subject: FuzzSubject): string {
  for (let seed = 1; seed < 300; seed++) {
    const { violation } = fuzz(subject, seed);
    if (violation !== null) return 'invariant' in violation ? violation.invariant : violation.message;
  }
  return describeRun(fuzz(subject, 300));
}
