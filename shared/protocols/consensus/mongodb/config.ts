import type { NodeId } from '../../../sim/operation.ts';
import type { MemberState, MongoKnobs } from './types.ts';

/** MongoDB's limits on a replica set: `MemberConfig` and `ReplSetConfig` in its source. */
export const MEMBERS_MAX = 50;
export const VOTERS_MAX = 7;

/** A configuration's place among all that there were: by the term of the primary that made it, then by version. */
export type ConfigPlace = { readonly term: number; readonly version: number };

/** Who is what in a replica set: one version of its configuration. */
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
  /** Absent while the configuration is the first one, and all nodes were members from the beginning. */
  readonly place?: ConfigPlace;
  /** The member that may have another priority; unless given it is the first. */
  readonly first?: NodeId;
  /** Members that are to vote once they have copied everything; absent when there are none. */
  readonly newlyAdded?: readonly NodeId[];
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
  return withMajorities(members, [...votersWithData, ...arbiters], arbiters);
}

/** The set with other members, voters and members that are to vote. */
export function changeSet(
  set: ReplicaSet,
  place: ConfigPlace,
  members: readonly NodeId[],
  voters: readonly NodeId[],
  newlyAdded: readonly NodeId[],
): ReplicaSet {
  const arbiters = set.arbiters.filter((node) => members.includes(node));
  const first = set.first ?? set.members[0];
  return {
    ...withMajorities(members, voters, arbiters),
    place,
    ...(first === undefined ? {} : { first }),
    ...(newlyAdded.length === 0 ? {} : { newlyAdded }),
  };
}

/** The place of a member's configuration. The first primary of a term makes the first configuration one of that term. */
export function placeOf({ set, log }: Pick<MemberState, 'set' | 'log'>): ConfigPlace {
  return set.place ?? { term: log.at(-1)?.term ?? 0, version: 1 };
}

export function comparePlaces(a: ConfigPlace, b: ConfigPlace): number {
  return a.term === b.term ? a.version - b.version : a.term - b.term;
}

export function describeConfig({ term, version }: ConfigPlace): string {
  return `{version: ${version}, term: ${term}}`;
}

/** What a majority is with these voters. Arbiters that are no members any more do not count. */
export function withMajorities(
  members: readonly NodeId[],
  voters: readonly NodeId[],
  arbiters: readonly NodeId[],
): ReplicaSet {
  const withData = voters.filter((voter) => !arbiters.includes(voter)).length;
  const majority = Math.floor(voters.length / 2) + 1;
  return {
    members,
    voters,
    arbiters,
    majority,
    writeMajority: Math.min(majority, withData),
    defaultW: arbiters.length > 0 && withData <= majority ? 1 : 'majority',
  };
}

/** What chances a member has to become primary: 0 for none. */
export function priorityOf(set: ReplicaSet, knobs: MongoKnobs, node: NodeId): number {
  if (!set.voters.includes(node) || set.arbiters.includes(node)) return 0;
  return node === (set.first ?? set.members[0]) ? knobs.priority : 1;
}

/** How many members hold data. */
export function countWithData(set: ReplicaSet): number {
  return set.members.length - set.arbiters.length;
}
