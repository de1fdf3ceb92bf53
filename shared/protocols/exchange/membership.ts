import { keysOf, lookUp } from '../../base/table.ts';
import { edit, revisionOf, winnerOf } from '../../data/revision-tree.ts';
import type { NodeId } from '../../sim/operation.ts';
import { foundingMap, type ShardMap } from './shard-map.ts';
import { copiesOf, holders, neighboursOf, shardOf, type Layout } from './shards.ts';
import type { Cluster, CouchState } from './types.ts';

/** Whether CouchDB runs at this machine: at a spare one it does not until an administrator starts it. */
export function isRunning(state: CouchState): boolean {
  const { self, members, durable } = state;
  return !(durable.stopped ?? members?.includes(self) === false);
}

/** Whether this node serves the class: it runs, and in a cluster it has a database to serve. */
export function isMember(state: CouchState): boolean {
  if (!isRunning(state)) return false;
  return state.knobs.mode === 'peers' || (mapOf(state) !== null && membersOf(state).includes(state.self));
}

/** The nodes of the cluster, as far as this one knows, in the order of the nodes. */
export function membersOf(state: CouchState): readonly NodeId[] {
  const { cluster } = state.durable;
  if (cluster === undefined) return foundersOf(state);
  return state.nodes.filter((node) => isLive(cluster, node));
}

/** Where this node takes the shards to be. Null: it has joined nobody and knows of no database. */
export function mapOf(state: CouchState): ShardMap | null {
  const { cluster } = state.durable;
  if (cluster === undefined) return foundingMap(layoutOf(state));
  return winnerOf(cluster.map)?.value ?? null;
}

/** The revision of the shard map; undefined where it is the first one. */
export function mapRevisionOf({ durable }: CouchState): string | undefined {
  const winner = durable.cluster === undefined ? null : winnerOf(durable.cluster.map);
  return winner === null ? undefined : revisionOf(winner);
}

/** Which nodes keep copies of what is under a key. */
export function copiesAt(state: CouchState, key: string): readonly NodeId[] {
  if (state.durable.cluster === undefined) return copiesOf(key, layoutOf(state));
  return mapOf(state)?.[shardOf(key, state.knobs.q)] ?? [];
}

/** Every node that keeps a copy of anything, in the order of the nodes. */
export function keepersOf(state: CouchState): readonly NodeId[] {
  if (state.durable.cluster === undefined) return holders(layoutOf(state));
  const map = mapOf(state) ?? [];
  return state.nodes.filter((node) => map.some((copies) => copies.includes(node)));
}

/** Whether this node answers for its copy of what is under a key. */
export function serves(state: CouchState, key: string): boolean {
  const { cluster } = state.durable;
  return cluster === undefined || (!cluster.maintenance && copiesAt(state, key).includes(state.self));
}

/** How many copies there are of everything: as many as of the document `foo`, whose range stands for all (mem3.erl, `n`). */
export function copyCountOf(state: CouchState): number {
  return state.durable.cluster === undefined ? state.knobs.n : copiesAt(state, 'foo').length;
}

/** To whom this node sends what changes here: peers as they are told to, nodes of a cluster to other copies. */
export function targetsOf(state: CouchState): readonly NodeId[] {
  const { self, knobs, durable } = state;
  if (knobs.mode === 'peers') {
    return durable.targets ?? neighboursOf(self, foundersOf(state), knobs.neighbours);
  }
  if (durable.cluster !== undefined) return keepersOf(state).filter((node) => node !== self);
  const shared = new Set(
    foundingMap(layoutOf(state))
      .filter((copies) => copies.includes(self))
      .flat(),
  );
  return state.nodes.filter((node) => node !== self && shared.has(node));
}

/** Whether what is under this key also belongs at the target: among peers everything does. */
export function belongsAt(state: CouchState, key: string, target: NodeId): boolean {
  return state.knobs.mode === 'peers' || copiesAt(state, key).includes(target);
}

/** The members and shards at the beginning, as documents: the same ones, whoever writes them down. */
export function foundedCluster(state: CouchState): Cluster {
  const cluster: Cluster = { nodes: {}, map: [], maintenance: false };
  for (const node of foundersOf(state)) cluster.nodes[node] = edit([], null, true, false)?.document ?? [];
  cluster.map = edit<ShardMap>([], null, foundingMap(layoutOf(state)), false)?.document ?? [];
  return cluster;
}

/** Which nodes have been members and are none any more. */
export function leftOf({ durable }: CouchState): NodeId[] {
  const { cluster } = durable;
  return cluster === undefined ? [] : keysOf(cluster.nodes).filter((node) => !isLive(cluster, node));
}

function isLive({ nodes }: Cluster, node: NodeId): boolean {
  return winnerOf(lookUp(nodes, node) ?? [])?.deleted === false;
}

function foundersOf({ members, nodes }: CouchState): readonly NodeId[] {
  return members ?? nodes;
}

function layoutOf(state: CouchState): Layout {
  return { nodes: foundersOf(state), knobs: state.knobs };
}
