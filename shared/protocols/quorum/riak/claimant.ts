import { equal } from '../../../base/json.ts';
import { incremented } from '../../../data/vector-clock.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { reassigned, rebalanced } from './claim.ts';
import { changedBy, membersWith, type Pending, type Ring, withStatus } from './ring-state.ts';

/**
 * What a node does with a ring that all members have seen (riak_core_claimant.erl, `do_claimant`). The claimant
 * gives partitions that have been handed off to their new owners, plans further transfers when none is left, and
 * strikes off who has exited; when it is gone itself, the first member takes its place. While somebody is joining
 * and not committed, no partition changes hands. The ring itself where there is nothing to do.
 */
export function advanced(ring: Ring, self: NodeId): Ring {
  const next = led(ring, self);
  return next === ring ? ring : changedBy(next, self);
}

/** The ring that staged changes lead to (`compute_next_ring`): everybody who is joining is let in. */
export function plannedRing(ring: Ring, self: NodeId, leaving: readonly NodeId[]): Ring {
  const left = leaving.reduce((next, node) => withStatus(next, node, 'leaving'), ring);
  const joined = membersWith(left, 'joining').reduce((next, node) => withStatus(next, node, 'valid'), left);
  return led(joined, self);
}

/** Whether a plan that was looked at is still what a commit would do (`same_plan`). */
export function isSamePlan(a: Ring, b: Ring): boolean {
  return equal([a.members, a.owners, a.pending], [b.members, b.owners, b.pending]);
}

function led(ring: Ring, self: NodeId): Ring {
  const claimed = withClaimant(ring, self);
  if (claimed.claimant !== self || membersWith(claimed, 'joining').length > 0) return claimed;
  const exited = membersWith(claimed, 'exiting').filter((node) => node !== self);
  return exited.reduce((next, node) => withStatus(next, node, 'invalid'), moved(claimed));
}

function withClaimant(ring: Ring, self: NodeId): Ring {
  const candidates = membersWith(ring, 'valid', 'leaving');
  if (candidates.includes(ring.claimant) || candidates[0] !== self) return ring;
  return { ...ring, claimant: self, version: incremented(ring.version, ring.claimant) };
}

/** `update_ring`. A transfer that is done stays in the list until all have seen the new owner. */
function moved(ring: Ring): Ring {
  const kept = ring.pending.filter(({ partition, to, done }) => !done || ring.owners[partition] !== to);
  const done = new Map(kept.filter((move) => move.done).map(({ partition, to }) => [partition, to]));
  const owners = ring.owners.map((owner, partition) => done.get(partition) ?? owner);
  const pending = kept.length > 0 ? kept : transfersFor({ ...ring, owners });
  if (equal([owners, pending], [ring.owners, ring.pending])) return ring;
  return { ...ring, owners, pending, version: incremented(ring.version, ring.claimant) };
}

/** First those who leave give theirs away; only then shares are made even. */
function transfersFor(ring: Ring): Pending[] {
  const claimers = membersWith(ring, 'valid');
  if (claimers.length === 0) return [];
  const given = reassigned(ring.owners, claimers);
  const next = given === ring.owners ? rebalanced(ring.owners, claimers) : given;
  return ring.owners.flatMap((from, partition) => {
    const to = next[partition] ?? from;
    return to === from ? [] : [{ partition, from, to, done: false }];
  });
}
