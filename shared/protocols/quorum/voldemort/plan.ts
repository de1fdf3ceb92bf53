import type { NodeId } from '../../../sim/operation.ts';
import { type Cluster, partitionsAt, replicasOf } from './cluster.ts';

/** What one server fetches from another: all keys of some partitions (client/rebalance/RebalanceTaskInfo.java). */
export type StealTask = {
  readonly stealer: NodeId;
  readonly donor: NodeId;
  readonly partitions: readonly number[];
};

/**
 * The final cluster.xml of an expansion: the new node is given partitions by those that have most, far from each other.
 * The real tool looks for a good one by chance (tools/Repartitioner.java).
 */
export function withPartitions(interim: Cluster, node: NodeId): Cluster {
  const owners = [...interim.owners];
  const share = Math.floor(owners.length / interim.nodes.length);
  for (let count = 0; count < share; count++) {
    const richest = fewestOrMost(interim.nodes, owners, -1);
    owners[farthestOf(partitionsAt({ ...interim, owners }, richest), owners, node)] = node;
  }
  return { ...interim, owners };
}

/** The final cluster.xml before a node is taken out: its partitions are dealt to those that have fewest. */
export function withoutPartitions(current: Cluster, node: NodeId): Cluster {
  const owners = [...current.owners];
  const others = current.nodes.filter((other) => other !== node);
  for (const partition of partitionsAt(current, node)) owners[partition] = fewestOrMost(others, owners, 1);
  return { ...current, owners };
}

/**
 * The cluster.xml files from the current to the final one, both included: with each, at most so many more primary
 * partitions have changed hands, stealer by stealer (client/rebalance/RebalancePlan.java).
 */
export function batchesOf(current: Cluster, final: Cluster, size: number): Cluster[] {
  const moved = final.nodes.flatMap((node) =>
    partitionsAt(final, node).filter((partition) => current.owners[partition] !== node),
  );
  const clusters = [current];
  for (let first = 0; first < moved.length; first += size) {
    const owners = [...(clusters.at(-1) ?? current).owners];
    for (const partition of moved.slice(first, first + size))
      owners[partition] = final.owners[partition] ?? '';
    clusters.push({ ...final, owners });
  }
  return clusters;
}

/**
 * Who fetches what from whom (client/rebalance/RebalanceBatchPlan.java): a server that becomes the n-th replica of a
 * partition fetches it from the n-th replica it had, and who has it already fetches nothing. So what only those
 * replicas have that stay in another place, or go, does not come along.
 */
export function tasksOf(before: Cluster, after: Cluster, n: number): StealTask[] {
  const tasks: { stealer: NodeId; donor: NodeId; partitions: number[] }[] = [];
  for (const partition of after.owners.keys()) {
    const had = replicasOf(before.owners, partition, n);
    for (const [place, stealer] of replicasOf(after.owners, partition, n).entries()) {
      const donor = had[place];
      if (donor === undefined || had.includes(stealer)) continue;
      const task = tasks.find((other) => other.stealer === stealer && other.donor === donor);
      if (task === undefined) tasks.push({ stealer, donor, partitions: [partition] });
      else task.partitions.push(partition);
    }
  }
  return tasks;
}

/** The node with the fewest partitions, or with `sign` -1 the most; of several the first. */
function fewestOrMost(nodes: readonly NodeId[], owners: readonly NodeId[], sign: 1 | -1): NodeId {
  const count = (node: NodeId): number => sign * owners.filter((owner) => owner === node).length;
  return nodes.reduce((best, node) => (count(node) < count(best) ? node : best));
}

/** Of some partitions the one that is farthest from all that a node has; of several the first. */
function farthestOf(candidates: readonly number[], owners: readonly NodeId[], node: NodeId): number {
  const count = owners.length;
  const taken = [...owners.keys()].filter((partition) => owners[partition] === node);
  const distance = (partition: number): number => {
    const gaps = taken.map((other) => Math.abs(partition - other));
    return Math.min(count, ...gaps.map((gap) => Math.min(gap, count - gap)));
  };
  return candidates.reduce((best, one) => (distance(one) > distance(best) ? one : best));
}
