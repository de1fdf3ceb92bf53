import { redisCluster } from '../../../shared/systems/redis-cluster.ts';
import { resolveKnobs } from '../../../shared/systems/system.ts';
import type { TraceSubject } from '../../support/trace.ts';

/** Redis Cluster's traces: n1, n2 and n3 are masters, n4 is a replica of n1 and n5 of n2. The key `b` is in a slot of n1. */
export const redisClusterTraces: TraceSubject = {
  protocol: redisCluster.protocol,
  driver: redisCluster.driver,
  knobs: resolveKnobs(redisCluster, {}, 5),
};
