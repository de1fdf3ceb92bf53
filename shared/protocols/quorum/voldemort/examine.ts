import { keysOf, lookUp } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { type Cluster, isSameLayout, partitionsAt } from './cluster.ts';
import type { Job } from './job.ts';
import { JOB_ERRORS } from './job-errors.ts';

/**
 * Why nothing may be moved (`vadmin meta check`; client/rebalance/RebalanceController.java, validateClusterForRebalance;
 * utils/RebalanceUtils.java): servers have different cluster.xml files or are fetching something, or there is nothing to
 * do, or too few nodes would be left. Null: it may.
 */
export function refuseJob({ operation, found }: Job, current: Cluster, n: number): string | null {
  const { kind, key } = operation;
  const servers = current.nodes.map((node) => [node, lookUp(found, node)] as const);
  const differ = servers.some(([, told]) => !told?.cluster || !isSameLayout(told.cluster, current));
  if (differ) return JOB_ERRORS.check;
  const busy = keysOf(found).find((node) => lookUp(found, node)?.source);
  if (busy !== undefined) return JOB_ERRORS.busy(busy);
  if (kind === 'join') return partitionsAt(current, key).length > 0 ? JOB_ERRORS.member(key) : null;
  if (!current.nodes.includes(key)) return JOB_ERRORS.stranger(key);
  const others = new Set(current.owners.filter((owner) => owner !== key)).size;
  return others < n ? JOB_ERRORS.tooFew(others, n) : null;
}

/**
 * The cluster.xml of before a change that has failed half-way: who fetches partitions still has it, and if nobody does,
 * whoever has changed least often.
 */
export function formerCluster(found: Job['found']): Cluster | undefined {
  const told = keysOf(found).map((node) => lookUp(found, node));
  return oldest(told.map((one) => one?.source)) ?? oldest(told.map((one) => one?.cluster));
}

/** The highest version of cluster.xml that any of them has. */
export function latestVersion(found: Job['found']): number {
  return Math.max(0, ...keysOf(found).map((node: NodeId) => lookUp(found, node)?.cluster?.version ?? 0));
}

function oldest(clusters: readonly (Cluster | null | undefined)[]): Cluster | undefined {
  let best: Cluster | undefined;
  for (const one of clusters) if (one && (best === undefined || one.version < best.version)) best = one;
  return best;
}
