import { describe, expect, test } from 'vitest';
import { reassigned, rebalanced } from '../../shared/protocols/quorum/riak/claim.ts';
import { advanced, plannedRing } from '../../shared/protocols/quorum/riak/claimant.ts';
import { agreedStatus, reconciled } from '../../shared/protocols/quorum/riak/reconcile.ts';
import { foundingOwners } from '../../shared/protocols/quorum/riak/ring.ts';
import {
  changedBy,
  founded,
  isReady,
  type MemberStatus,
  membersWith,
  type Ring,
  seenBy,
  serversOf,
  withStatus,
} from '../../shared/protocols/quorum/riak/ring-state.ts';
import { RiakCluster } from '../support/riak-cluster.ts';
import { riak } from '../../shared/systems/riak.ts';

const FOUR = ['n1', 'n2', 'n3', 'n4'];
const FIVE = [...FOUR, 'n5'];

/** The ring after n5 was let in, which everybody has seen. */
function moving(): Ring {
  const joining = withStatus(founded(FOUR), 'n5', 'joining');
  return seenByAll(changedBy(plannedRing(joining, 'n1', []), 'n1'));
}

function seenByAll(ring: Ring): Ring {
  return FIVE.reduce(seenBy, ring);
}

/** One partition that a node owned has been handed off. */
function handedOff(ring: Ring, node: string): Ring {
  const first = ring.pending.find(({ from, done }) => from === node && !done);
  const pending = ring.pending.map((move) => (move === first ? { ...move, done: true } : move));
  return changedBy({ ...ring, pending }, node);
}

function sharesOf(owners: readonly string[]): number[] {
  return FIVE.map((node) => owners.filter((owner) => owner === node).length);
}

describe('the claim', () => {
  test('gives a newcomer its share and moves nothing else, and copies stay on different nodes', () => {
    const before = foundingOwners(FOUR);
    const after = rebalanced(before, FIVE);
    expect(sharesOf(after)).toEqual([13, 13, 13, 13, 12]);
    expect(before.every((owner, p) => after[p] === owner || after[p] === 'n5')).toBe(true);
    const crowded = after.filter((_, p) => new Set([0, 1, 2].map((s) => after[(p + s) % 64])).size < 3);
    expect(crowded).toEqual([]);
  });

  test('gives away what a leaving node has, far from what the others have, and makes shares even after that', () => {
    const before = foundingOwners(FIVE);
    const after = reassigned(before, FOUR);
    expect(before.every((owner, p) => after[p] === owner || owner === 'n5')).toBe(true);
    expect(sharesOf(after)[4]).toBe(0);
    const even = rebalanced(after, FOUR);
    expect(sharesOf(even)).toEqual([16, 16, 16, 16, 0]);
    expect(rebalanced(even, FOUR)).toBe(even);
  });

  test('leaves everything where it is when nobody is left to claim', () => {
    const owners = foundingOwners(FOUR);
    expect(reassigned(owners, [])).toBe(owners);
  });
});

describe('the ring', () => {
  test('is ready when all members are known to have it; one that is joining does not count', () => {
    const ring = changedBy(withStatus(founded(FOUR), 'n5', 'joining'), 'n5');
    expect(isReady(founded(FOUR))).toBe(true);
    expect(isReady(ring)).toBe(false);
    expect(isReady(FOUR.slice(1).reduce(seenBy, ring))).toBe(false);
    expect(isReady(FOUR.reduce(seenBy, ring))).toBe(true);
  });

  test('is merged to the same wherever two have changed it at once', () => {
    const ring = moving();
    const [a, b, c] = [handedOff(ring, 'n2'), handedOff(ring, 'n3'), handedOff(ring, 'n4')] as const;
    const atOne = reconciled(reconciled(a, b, 'n1'), c, 'n1');
    const atFive = reconciled(reconciled(c, a, 'n5'), b, 'n5');
    expect({ ...atFive, seen: {} }).toEqual({ ...atOne, seen: {} });
    expect(atOne.pending.filter(({ done }) => done).length).toBe(3);
    // Who has both has nothing to tell: otherwise rings would go round for ever.
    const both = reconciled(atOne, atFive, 'n1');
    expect(reconciled(both, atFive, 'n1')).toBe(both);
    expect(both.clock).toEqual(atOne.clock);
  });

  test('goes on where a partition was handed off while the claimant changed it', () => {
    const ring = moving();
    const late = handedOff(ring, 'n2');
    const led = changedBy(advanced(seenByAll(handedOff(ring, 'n3')), 'n1'), 'n1');
    const merged = reconciled(led, late, 'n1');
    expect(merged.version).toEqual(led.version);
    expect(merged.pending.filter(({ from, done }) => from === 'n2' && done).length).toBe(1);
    expect(serversOf(merged).filter((server) => server === 'n5').length).toBe(2);
  });

  test.each<[MemberStatus, MemberStatus, MemberStatus]>([
    ['invalid', 'joining', 'invalid'],
    ['valid', 'leaving', 'valid'],
    ['leaving', 'exiting', 'exiting'],
  ])('of %s and %s at once a member is %s', (one, other, status) => {
    const [a, b] = [withStatus(founded(FOUR), 'n4', one), withStatus(founded(FOUR), 'n4', other)];
    expect([agreedStatus(a, b, 'n4'), agreedStatus(b, a, 'n4')]).toEqual([status, status]);
  });

  test('has another claimant only when the first is no member any more', () => {
    const leaving = withStatus(founded(FOUR), 'n1', 'leaving');
    expect(advanced(leaving, 'n2').claimant).toBe('n1');
    const exiting = withStatus(founded(FOUR), 'n1', 'exiting');
    expect(advanced(exiting, 'n3')).toBe(exiting);
    const taken = advanced(exiting, 'n2');
    expect([taken.claimant, membersWith(taken, 'invalid')]).toEqual(['n2', ['n1']]);
  });
});

test('in a class of twenty a new node is let in though the claimant hears of it last, and rings come to rest', () => {
  const cluster = new RiakCluster(20, {}, riak.protocol, 1);
  cluster.pass(1000);
  expect(cluster.ask('n3', 'join', 'n20')).toMatchObject({ class: 'ok' });
  cluster.pass(60_000);
  expect(cluster.facts('n9')).toEqual([['claimant', 'n1']]);
  const { sent } = cluster.world.counts;
  cluster.pass(30_000);
  // Ticks to all every 15 s, and a ring to one every 10 s.
  expect(cluster.world.counts.sent - sent).toBeLessThan(2 * 20 * 19 + 3 * 20 + 20);
});
