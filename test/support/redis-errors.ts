import type { OperationRecord } from '../../shared/sim/operation.ts';
import { redisCluster } from '../../shared/systems/redis-cluster.ts';

const TABLE = redisCluster.errors.map(({ error, class: outcome }) => ({
  pattern: patternOf(error),
  outcome,
}));

/** What of an operation's error is not in the table of errors: the error, or the class it came with. */
export function unlisted({ error, class: outcome }: OperationRecord): string[] {
  if (error === null) return [];
  const entries = TABLE.filter(({ pattern }) => pattern.test(error));
  if (entries.length === 0) return [error];
  if (entries.some((entry) => entry.outcome === outcome || entry.outcome === 'info')) return [];
  // A write may have been carried out by an attempt before; a read changes nothing.
  return /CLUSTERDOWN|NOREPLICAS|READONLY/.test(error) ? [] : [`${outcome}: ${error}`];
}

/** `…` stands for names and numbers. */
function patternOf(error: string): RegExp {
  const parts = error.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.+')}$`);
}
