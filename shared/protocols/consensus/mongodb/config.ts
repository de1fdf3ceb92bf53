import type { NodeId } from '../../../sim/operation.ts';
import type { MongoKnobs } from './types.ts';

/** MongoDB's limits on a replica set: `MemberConfig` and `ReplSetConfig` in its source. */
export const MEMBERS_MAX = 50;
export const VOTERS_MAX = 7;

/** Who is what in a replica set. It does not change: members are not added while a class runs. */
export type ReplicaSet = {
  readonly members: readonly NodeId[];
  readonly voters: readonly NodeId[];
  /** They vote and hold no data. */
  readonly arbiters: readonly NodeId[];
  /** How many votes win an election. */
  readonly majority: number;
  /** How many voters with data must have an entry before it counts as committed. */
  readonly writeMajority: number;
  /** The write concern of those who ask for none. */
  readonly defaultW: 1 | 'majority';
};

/**
 * The set that a class of nodes makes. The first 50 are members; of these 7 vote, the arbiters among them, which
 * are the last members. Since 5.0 writes wait for a majority by default, unless arbiters leave no member with
 * data to spare: then w is 1 (MongoDB manual, "Implicit default write concern").
 */
export function createReplicaSet(
  nodes: readonly NodeId[],
  { arbiters: count }: Pick<MongoKnobs, 'arbiters'>,
): ReplicaSet {
  const members = nodes.slice(0, MEMBERS_MAX);
  const withData = members.slice(0, members.length - count);
  const arbiters = members.slice(members.length - count);
  const votersWithData = withData.slice(0, VOTERS_MAX - count);
  const voters = [...votersWithData, ...arbiters];
  const majority = Math.floor(voters.length / 2) + 1;
  return {
    members,
    voters,
    arbiters,
    majority,
    writeMajority: Math.min(majority, votersWithData.length),
    defaultW: count > 0 && votersWithData.length <= majority ? 1 : 'majority',
  };
}

/** What chances a member has to become primary: 0 for none. */
export function priorityOf(set: ReplicaSet, knobs: MongoKnobs, node: NodeId): number {
  if (!set.voters.includes(node) || set.arbiters.includes(node)) return 0;
  return node === set.members[0] ? knobs.priority : 1;
}

/** How many members hold data. */
export function countWithData(set: ReplicaSet): number {
  return set.members.length - set.arbiters.length;
}
