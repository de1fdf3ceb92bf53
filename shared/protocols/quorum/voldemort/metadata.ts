import { keysOf, lookUp } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { cancelTimer, mark, persist } from '../../turn.ts';
import { type Cluster, foundedBy, partitionsAt, preferenceList, replicatingPartitions } from './cluster.ts';
import { partitionOf } from '../ring.ts';
import type { AdminRequest, Durable, KeyRequest, Reply, Turn, VoldemortState } from './types.ts';

/** The cluster.xml of this server; null where it belongs to no cluster and was never told of one. */
export function clusterOf(state: VoldemortState): Cluster | null {
  const { durable, self } = state;
  if (durable.cluster !== undefined) return durable.cluster;
  const founders = foundersOf(state);
  return founders.includes(self) ? foundedBy(founders) : null;
}

/** Whether a server runs here. */
export function isMember(state: VoldemortState): boolean {
  const { durable, self } = state;
  return (durable.cluster?.nodes ?? foundersOf(state)).includes(self);
}

/** The members at the beginning: where they lie on the ring are the partitions. */
export function foundersOf({ members, nodes }: VoldemortState): readonly NodeId[] {
  return members ?? nodes;
}

/** Who keeps a key, by a cluster.xml. */
export function ownersBy(cluster: Cluster, state: VoldemortState, key: string): NodeId[] {
  return preferenceList(cluster, foundersOf(state), key, state.knobs.n);
}

/**
 * Why a client may not ask this server for a key (store/StoreUtils.java, assertValidMetadata). Null: it may; all may
 * until the first change.
 */
export function refuseKey(state: VoldemortState, { key }: KeyRequest): Reply | null {
  const { self, knobs, durable } = state;
  if (!isMember(state)) return NOT_RUNNING;
  if (durable.cluster === undefined || ownersBy(durable.cluster, state, key).includes(self)) return null;
  const { owners } = durable.cluster;
  const partitions = replicatingPartitions(owners, partitionOf(key, foundersOf(state)), knobs.n);
  const error = `Client accessing key belonging to partitions [${partitions.join(', ')}] not present at ${self}`;
  return { kind: 'invalid-metadata', error };
}

/** What is had of a machine that belongs to no cluster. */
export const NOT_RUNNING: Reply = { kind: 'unreachable', error: 'Connection refused' };

/** A tool sets cluster.xml, and may end what a rebalance has left (`vadmin meta set`, `meta clear-rebalance`). */
export function setCluster(
  turn: Turn,
  { cluster, clearRebalance }: AdminRequest & { kind: 'set-cluster' },
): void {
  const { state } = turn;
  change(turn, cluster);
  if (clearRebalance) {
    forgetFetches(turn, keysOf(state.fetches ?? {}));
    setRebalancing(turn, null);
  }
}

/**
 * A change of cluster.xml and of what this server is to fetch, both or none (server/rebalance/Rebalancer.java,
 * rebalanceStateChange). Until it has fetched all it is REBALANCING_MASTER_SERVER.
 */
export function changeState(
  turn: Turn,
  { cluster, source, tasks, rollback }: AdminRequest & { kind: 'change-state' },
): Reply {
  const { state } = turn;
  const donors = tasks.map(({ donor }) => donor);
  const before = state.durable.rebalancing?.tasks ?? [];
  const twice = before.find(({ donor }) => donors.includes(donor));
  if (twice !== undefined && !rollback) {
    const error = `Could not add steal information since a plan for the same donor node ${twice.donor} already exists`;
    return { kind: 'refused', error };
  }
  change(turn, { ...cluster, version: (clusterOf(state)?.version ?? 0) + 1 });
  const after = rollback ? before.filter(({ donor }) => !donors.includes(donor)) : [...before, ...tasks];
  forgetFetches(turn, donors);
  // When all goes back because something could not be fetched, nobody tells those that still have to fetch.
  const isLeft = rollback && donors.length === 0 && before.length > 0;
  if (!isLeft) setRebalancing(turn, rollback && after.length === 0 ? null : { source, tasks: after });
  return DONE;
}

/** Whether this server has partitions to fetch. */
export function isRebalancing({ durable }: VoldemortState): boolean {
  return (durable.rebalancing?.tasks.length ?? 0) > 0;
}

/** What is left to fetch; null: nothing, and nothing to go back to. */
export function setRebalancing(turn: Turn, rebalancing: Durable['rebalancing'] | null): void {
  const { durable, self } = turn.state;
  const was = isRebalancing(turn.state);
  if (rebalancing) durable.rebalancing = rebalancing;
  else delete durable.rebalancing;
  persist(turn);
  const is = isRebalancing(turn.state);
  if (was !== is) mark(turn, 'role', `${self} is ${is ? 'REBALANCING_MASTER_SERVER' : 'NORMAL_SERVER'}`);
}

/** Of whom a server that is rebalancing has to ask for a key: who was in its place before, if that is another. */
export function donorOf(state: VoldemortState, key: string): NodeId | null {
  const { durable, self } = state;
  const { rebalancing, cluster } = durable;
  if (rebalancing === undefined || cluster === undefined || !isRebalancing(state)) return null;
  const place = ownersBy(cluster, state, key).indexOf(self);
  const donor = ownersBy(rebalancing.source, state, key)[place];
  return donor === undefined || donor === self ? null : donor;
}

function forgetFetches(turn: Turn, donors: readonly NodeId[]): void {
  const { fetches } = turn.state;
  for (const donor of donors) {
    if (fetches === undefined || lookUp(fetches, donor) === undefined) continue;
    delete fetches[donor];
    cancelTimer(turn, `steal-${donor}`);
  }
}

const DONE: Reply = { kind: 'done' };

function change(turn: Turn, cluster: Cluster): void {
  const { durable, self } = turn.state;
  durable.cluster = cluster;
  persist(turn);
  const count = partitionsAt(cluster, self).length;
  const has = cluster.nodes.includes(self) ? `has ${count} partitions` : 'is not in it';
  mark(turn, 'members', `${self}: cluster.xml ${cluster.version}, ${self} ${has}`);
}
