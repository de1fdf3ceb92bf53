import { keysOf, lookUp, type Table, unorderedKeysOf } from '../../../base/table.ts';
import { countOf, incremented, type VectorClock } from '../../../data/vector-clock.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { foundingOwners } from './ring.ts';
import { joinSeen } from './seen.ts';

/**
 * The state of a cluster that its nodes gossip (riak_core_ring.erl, `chstate`). It is never changed in place: each
 * change makes a new one and counts in its clock, and two of them are reconciled by their clocks.
 */
export type Ring = {
  readonly clock: VectorClock;
  /** `rvsn`: counts what claimants have changed of owners and transfers. */
  readonly version: VectorClock;
  /** The one node that may change owners and transfers. */
  readonly claimant: NodeId;
  /** Everybody who ever was a member. */
  readonly members: Readonly<Table<Member>>;
  /** The owner of each partition. */
  readonly owners: readonly NodeId[];
  /** `next`: partitions that are on their way to another owner. */
  readonly pending: readonly Pending[];
  /**
   * Of each node the latest ring that it is known to have. Real Riak keeps whole clocks; nobody's is ahead of the
   * ring's own, so here the sum of the counts says the same.
   */
  readonly seen: Readonly<Table<number>>;
};

export type MemberStatus = 'joining' | 'valid' | 'leaving' | 'exiting' | 'invalid';

/** `version` counts the changes of the status. */
export type Member = { readonly status: MemberStatus; readonly version: number };

/** A partition that changes hands; `done` once everything in it has been handed off. */
export type Pending = {
  readonly partition: number;
  readonly from: NodeId;
  readonly to: NodeId;
  readonly done: boolean;
};

/** The ring of a cluster in which nothing has changed since it was founded: everybody has seen it. */
export function founded(founders: readonly NodeId[]): Ring {
  return {
    clock: {},
    version: {},
    claimant: [...founders].sort()[0] ?? '',
    members: Object.fromEntries(founders.map((node) => [node, { status: 'valid', version: 1 }])),
    owners: foundingOwners(founders),
    pending: [],
    seen: {},
  };
}

export function statusOf({ members }: Ring, node: NodeId): MemberStatus | undefined {
  return lookUp(members, node)?.status;
}

/** The members of these statuses, by name. */
export function membersWith(ring: Ring, ...statuses: readonly MemberStatus[]): NodeId[] {
  return keysOf(ring.members).filter((node) => statuses.includes(statusOf(ring, node) ?? 'invalid'));
}

/** Worked out once for each table of members, as most rings that arrive differ only in who has seen them. */
const active = new WeakMap<Ring['members'], readonly NodeId[]>();

/** Those who gossip: everybody who is not gone. */
export function activeMembers(ring: Ring): readonly NodeId[] {
  const known = active.get(ring.members);
  if (known !== undefined) return known;
  const members = membersWith(ring, 'joining', 'valid', 'leaving', 'exiting');
  active.set(ring.members, members);
  return members;
}

/** `ring_ready`: whether all members are known to have this very ring. Nothing goes on before that. */
export function isReady(ring: Ring): boolean {
  const latest = ageOf(ring);
  return activeMembers(ring).every(
    (node) => (lookUp(ring.seen, node) ?? 0) === latest || statusOf(ring, node) === 'joining',
  );
}

/** How many changes a ring has seen. */
export function ageOf({ clock }: Ring): number {
  return unorderedKeysOf(clock).reduce((sum, node) => sum + countOf(clock, node), 0);
}

/** Counts a change that a node has made. */
export function changedBy(ring: Ring, node: NodeId): Ring {
  return seenBy({ ...ring, clock: incremented(ring.clock, node) }, node);
}

/** Notes that a node has this ring. The ring itself where that has been noted. */
export function seenBy(ring: Ring, node: NodeId): Ring {
  return seenWith(ring, ring.seen, node);
}

/** The same, and what else is known of who has which ring. */
export function seenWith(ring: Ring, others: Ring['seen'], node: NodeId): Ring {
  const seen = joinSeen(ring, others, node, ageOf(ring));
  return seen === ring.seen ? ring : { ...ring, seen };
}

export function withStatus(ring: Ring, node: NodeId, status: MemberStatus): Ring {
  const version = (lookUp(ring.members, node)?.version ?? 0) + 1;
  return { ...ring, members: { ...ring.members, [node]: { status, version } } };
}

/** Worked out once for each ring: replicas keep the ring only. */
const serving = new WeakMap<Ring, readonly NodeId[]>();

/**
 * Who serves each partition: its owner, or the next one from when the owner has handed it off. Who has not heard of
 * that asks the owner, which passes requests on.
 */
export function serversOf(ring: Ring): readonly NodeId[] {
  const known = serving.get(ring);
  if (known !== undefined) return known;
  const servers = [...ring.owners];
  for (const { partition, to, done } of ring.pending) if (done) servers[partition] = to;
  serving.set(ring, servers);
  return servers;
}
