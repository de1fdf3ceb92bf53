import type { NodeId } from '../../../sim/operation.ts';
import { positionOf } from '../ring.ts';

/** One vnode of a key's preference list: a partition, and the node that serves it now. */
export type Place = {
  readonly partition: number;
  readonly node: NodeId;
  /** Whether the node owns the partition; otherwise it is a fallback. */
  readonly isPrimary: boolean;
};

/**
 * Riak's ring: a power of two of equal partitions, each owned by a node (riak_core, Riak KV documentation,
 * "Clusters"). A key's primaries are the N partitions after its hash. A partition whose owner is down is served
 * by a fallback vnode at the next node up of the walk: one for each partition, so the same node may come twice
 * or more, and a node alone serves all N by itself (riak_core_apl.erl). That is why W=3 does not mean three
 * machines.
 */
export function preferenceList(
  key: string,
  owners: readonly NodeId[],
  n: number,
  isUp: (node: NodeId) => boolean,
): Place[] {
  const first = firstPartition(key, owners.length);
  const at = (step: number) => (first + step) % owners.length;
  const places: Place[] = [];
  const lost: number[] = [];
  for (let step = 0; step < n; step++) {
    const [partition, node] = [at(step), owners[at(step)] ?? ''];
    if (isUp(node)) places.push({ partition, node, isPrimary: true });
    else lost.push(partition);
  }
  for (let step = n; step < owners.length && lost.length > 0; step++) {
    const node = owners[at(step)] ?? '';
    const partition = lost[0];
    if (partition === undefined || !isUp(node)) continue;
    lost.shift();
    places.push({ partition, node, isPrimary: false });
  }
  return places;
}

/** The N partitions of a key, in the order of the ring. */
export function primariesOf(key: string, owners: readonly NodeId[], n: number): number[] {
  return preferenceList(key, owners, n, () => true).map(({ partition }) => partition);
}

/** Riak's default ring has 64 partitions; larger clusters get more, at least four for each node. */
const PARTITIONS_MIN = 64;
const PARTITIONS_PER_NODE = 4;

/** Neighbours that should lie on different nodes (`target_n_val`). */
export const TARGET_N = 4;

function firstPartition(key: string, count: number): number {
  const width = Math.floor(0x1_0000_0000 / count);
  return (Math.floor(positionOf(key) / width) + 1) % count;
}

/** A pure function of the nodes, worked out once: replicas keep the list of nodes only. */
const rings = new WeakMap<readonly NodeId[], readonly NodeId[]>();
let latest: { readonly names: string; readonly owners: readonly NodeId[] } = { names: '', owners: [] };

/** The owner of each partition in a cluster that these nodes have founded. Later it keeps its number of partitions. */
export function foundingOwners(founders: readonly NodeId[]): readonly NodeId[] {
  const known = rings.get(founders);
  if (known !== undefined) return known;
  const names = founders.join('\n');
  if (latest.names !== names) latest = { names, owners: claim(founders) };
  rings.set(founders, latest.owners);
  return latest.owners;
}

/**
 * Gives the partitions out in turn. Towards the end of the ring nodes that own one of the first partitions are
 * passed over, so that neighbours lie on different nodes there, too; with fewer than four nodes, or where the
 * numbers do not fit, some keys still have two primaries on one node, as in the real ring.
 */
function claim(nodes: readonly NodeId[]): NodeId[] {
  let count = PARTITIONS_MIN;
  while (count < nodes.length * PARTITIONS_PER_NODE) count *= 2;
  const owners: NodeId[] = [];
  let next = 0;
  for (let partition = 0; partition < count; partition++) {
    const near = neighboursOf(owners, partition, count);
    const skipped = nodes.findIndex((_, i) => !near.includes(nodes[(next + i) % nodes.length] ?? ''));
    const chosen = (next + Math.max(0, skipped)) % nodes.length;
    owners.push(nodes[chosen] ?? '');
    next = (chosen + 1) % nodes.length;
  }
  return owners;
}

function neighboursOf(owners: readonly NodeId[], partition: number, count: number): NodeId[] {
  const before = owners.slice(Math.max(0, partition - TARGET_N + 1));
  const after = owners.slice(0, Math.max(0, partition + TARGET_N - count));
  return [...before, ...after];
}
