import type { NodeId } from '../../../sim/operation.ts';
import { partitionOf, partitionsOf } from '../ring.ts';

/**
 * cluster.xml: the servers, and which of them has each partition. How many partitions there are, and where they lie on
 * the ring, is settled when a cluster is founded and never changes; they only change hands (cluster/Cluster.java).
 */
export type Cluster = {
  /** How often a server has been given another one; those of one change have it in common. */
  readonly version: number;
  /** In the order of the nodes. One that has no partitions has no data. */
  readonly nodes: readonly NodeId[];
  /** Who has each partition, by its number. */
  readonly owners: readonly NodeId[];
};

/** The cluster.xml of a cluster that was just founded: every node has as many partitions. */
export function foundedBy(founders: readonly NodeId[]): Cluster {
  return { version: 0, nodes: founders, owners: partitionsOf(founders) };
}

/** The preference list of a key: the first nodes met from its partition on. */
export function preferenceList(
  { owners }: Cluster,
  founders: readonly NodeId[],
  key: string,
  n: number,
): NodeId[] {
  return replicasOf(owners, partitionOf(key, founders), n);
}

/** Who keeps a partition: the replica 0, 1 … of it. */
export function replicasOf(owners: readonly NodeId[], partition: number, n: number): NodeId[] {
  return replicatingPartitions(owners, partition, n).map((other) => owners[other] ?? '');
}

/** The partitions whose owners those are (routing/ConsistentRoutingStrategy.java, getReplicatingPartitionList). */
export function replicatingPartitions(owners: readonly NodeId[], partition: number, n: number): number[] {
  const met: number[] = [];
  for (let i = 0; i < owners.length && met.length < n; i++) {
    const next = (partition + i) % owners.length;
    if (!met.some((other) => owners[other] === owners[next])) met.push(next);
  }
  return met;
}

/** The partitions of a node. */
export function partitionsAt({ owners }: Cluster, node: NodeId): number[] {
  return owners.flatMap((owner, partition) => (owner === node ? [partition] : []));
}

/** Whether the same nodes have the same partitions. */
export function isSameLayout(one: Cluster, other: Cluster): boolean {
  const isSame = (a: readonly NodeId[], b: readonly NodeId[]): boolean =>
    a === b || (a.length === b.length && a.every((node, i) => node === b[i]));
  return isSame(one.owners, other.owners) && isSame(one.nodes, other.nodes);
}

/** `n1: 0 3; n2: 1 2`. */
export function describeLayout(cluster: Cluster): string {
  return cluster.nodes.map((node) => `${node}: ${partitionsAt(cluster, node).join(' ')}`).join('; ');
}

/** Who has each partition, out of such a description. */
export function ownersIn(layout: string): NodeId[] {
  const owners: NodeId[] = [];
  for (const line of layout.split('; ')) {
    const [node = '', partitions = ''] = line.split(': ');
    for (const partition of partitions.split(' ').filter(Boolean)) owners[Number(partition)] = node;
  }
  return owners;
}
