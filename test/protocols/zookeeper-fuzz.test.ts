import { describe, expect, test } from 'vitest';
import type { ZabState } from '../../shared/protocols/consensus/zab/types.ts';
import { describeRun, fuzz, fuzzSeeds, type FuzzSubject } from '../support/fuzz.ts';
import { acknowledgesEarly, forgetsItsEpoch } from '../support/wrong/zab-short-disk.ts';
import { commitsAlone } from '../support/wrong/zab-own-quorum.ts';
import { countStaleReads } from '../support/zab-invariants.ts';
import { zooKeeperFuzz, zooKeeperMembersFuzz } from '../support/zookeeper-fuzz.ts';

describe('under faults ZooKeeper is safe after every event and recovers', { timeout: 120_000 }, () => {
  const seen = new Map<string, number>();

  test('seeds 1 to 150', () => {
    for (let seed = 1; seed <= 150; seed++) {
      const run = fuzz(zooKeeperFuzz, seed);
      if (run.violation !== null) throw new Error(describeRun(run), { cause: run.violation });
      for (const [what, times] of run.seen) seen.set(what, (seen.get(what) ?? 0) + times);
    }
  });

  test('seeds 201 to 300, while servers come to vote and go', () => {
    const members = fuzzSeeds(zooKeeperMembersFuzz, 201, 100);
    for (const what of ['join ok', 'join fail', 'leave ok', 'leave info', 'mark members']) {
      expect(members.get(what) ?? 0, what).toBeGreaterThan(10);
    }
  });

  test("who has accepted a later epoch than the leader's stays out, and alone may differ: seeds 5497 and 8565", () => {
    for (const seed of [5497, 8565]) {
      const { world, violation } = fuzz(zooKeeperFuzz, seed);
      expect(violation).toBeNull();
      const states = world.setup.nodes.map((node) => world.node(node).replica as ZabState);
      const leader = states.find(({ role }) => role.kind === 'leading' && role.phase === 'serve');
      const isOut = ({ acceptedEpoch }: ZabState) => acceptedEpoch > (leader?.currentEpoch ?? Infinity);
      expect(states.filter(isOut).length).toBe(1);
    }
  });

  test.each([
    ['answers are not answered, or an instant never ends', [104, 1748]],
    ['a configuration that was only logged decides alone on nothing', [3328, 5624, 7228]],
    ['nor does one that another server has only logged', [7772]],
    ['who is to vote next is not elected by those who know it', [3900]],
    ['who has logged what came to nothing may stay out', [16868]],
  ])('%s', (_, seeds) => {
    for (const seed of seeds) expect(fuzz(zooKeeperMembersFuzz, seed).violation, `seed ${seed}`).toBeNull();
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

  test('stale reads, which ZooKeeper allows, are found where a server serves on while it is cut off', () => {
    const subject: FuzzSubject = {
      ...zooKeeperFuzz,
      // A server notices after five ticks that its leader is silent.
      knobs: { ...zooKeeperFuzz.knobs, tickTime: 1000, sessionTimeout: 10_000 },
      faults: ['cut', 'isolate', 'isolate the leader', 'heal', 'heal'],
      recoveryFor: 90_000,
      answersWithin: 10_000,
      operation: (random, count) =>
        random % 2 === 0 ? { kind: 'read', key: 'k' } : { kind: 'write', key: 'k', value: `v${count}` },
    };
    const runs = Array.from({ length: 20 }, (_, i) => fuzz(subject, i + 1));
    expect(runs.flatMap(({ violation }) => (violation === null ? [] : [violation.message]))).toEqual([]);
    expect(runs.filter(({ world }) => countStaleReads(world.operations) > 0).length).toBeGreaterThan(2);
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
