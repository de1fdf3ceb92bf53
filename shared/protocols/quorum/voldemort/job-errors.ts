import type { NodeId } from '../../../sim/operation.ts';
import type { StealTask } from './plan.ts';

/**
 * What the tools print, with names for numbers: RebalanceController.java, AdminClient.java, RebalanceUtils.java,
 * SocketPool.java and AdminCommandMeta.java; the first two are ours, as the real tools would find nothing to do.
 */
export const JOB_ERRORS = {
  member: (node: NodeId) => `${node} has partitions already`,
  stranger: (node: NodeId) => `${node} is not in cluster.xml`,
  noServers: 'No available bootstrap servers found!',
  silent: (node: NodeId) => `Failed on node ${node}`,
  check: 'cluster.xml metadata check : FAILED',
  busy: (node: NodeId) =>
    `Cannot rebalance since node ${node} (${node}) is not in normal state, but in REBALANCING_MASTER_SERVER`,
  tooFew: (nodes: number, n: number) =>
    `Number of replicas returned (${nodes}) is less than the required replication factor (${n})`,
  unreachable: (node: NodeId) => `Failure while checking out socket for ${node}`,
  change: (batch: number, node: NodeId) =>
    `Error in batch ${batch} - Got exceptions from nodes [${node}] while changing state`,
  tasks: (batch: number, tasks: readonly StealTask[]) => {
    const names = tasks.map(({ stealer, donor }) => `${stealer} from ${donor}`).join(', ');
    return `Error in batch ${batch} - Rebalance task terminated unsuccessfully on tasks [${names}]`;
  },
} as const;
