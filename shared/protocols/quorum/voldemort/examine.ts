import { keysOf, lookUp } from '../../../base/table.ts';
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
  const clusters = current.nodes.map((node) => lookUp(found, node)?.cluster);
  if (clusters.some((one) => !one || !isSameLayout(one, current))) return JOB_ERRORS.check;
  const busy = keysOf(found).find((node) => lookUp(found, node)?.isRebalancing);
  if (busy !== undefined) return JOB_ERRORS.busy(busy);
  if (kind === 'join') return partitionsAt(current, key).length > 0 ? JOB_ERRORS.member(key) : null;
  if (!current.nodes.includes(key)) return JOB_ERRORS.stranger(key);
  const others = new Set(current.owners.filter((owner) => owner !== key)).size;
  return others < n ? JOB_ERRORS.tooFew(others, n) : null;
}

/**
 * The cluster.xml of before a batch that has failed: what a server has that still has partitions to fetch; or else what a
 * server has that did not go back when others did; or else the one that most have. Machines that do not belong to the
 * cluster have no say.
 */
export function formerCluster(found: Job['found']): Cluster | undefined {
  const servers = keysOf(found).flatMap((node) => {
    const { cluster = null, ...rest } = lookUp(found, node) ?? {};
    return cluster?.nodes.includes(node) === true ? [{ source: null, ...rest, cluster }] : [];
  });
  const support = (layout: Cluster): number =>
    servers.filter(({ cluster }) => isSameLayout(cluster, layout)).length;
  const stealer = servers.find(({ isRebalancing }) => isRebalancing);
  const missed = servers.find(
    ({ source, cluster }) => source !== null && !isSameLayout(source, cluster) && support(source) > 0,
  );
  const usual = servers.reduce<Cluster | undefined>(
    (best, { cluster }) => (best === undefined || support(cluster) > support(best) ? cluster : best),
    undefined,
  );
  return stealer?.source ?? missed?.source ?? usual;
}

/** The highest version of cluster.xml that any of them has. */
export function latestVersion(found: Job['found']): number {
  return Math.max(0, ...keysOf(found).map((node) => lookUp(found, node)?.cluster?.version ?? 0));
}
