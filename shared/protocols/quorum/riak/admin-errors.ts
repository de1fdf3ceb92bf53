import type { NodeId } from '../../../sim/operation.ts';

/**
 * What `riak admin cluster` prints (riak_kv_console.erl, riak_core_console.erl; node_package's nodetool for `RPC to`
 * and the script for `Node is not running!`, these two from memory). Texts of two lines are one here.
 */
export const ADMIN_ERRORS = {
  notRunning: 'Node is not running!',
  notReachable: (node: string) => `Node ${node} is not reachable!`,
  alreadyMember: 'Failed: This node is already a member of a cluster',
  selfJoin: 'Failed: This node cannot join itself in a cluster',
  notMember: (node: string) => `Failed: ${node} is not a member of the cluster.`,
  onlyMember: (node: string) => `Failed: ${node} is the only member.`,
  alreadyLeaving: (node: string) => `${node} is already in the process of leaving the cluster.`,
  leaveFailed: 'Leave failed, see log for details',
  nothingStaged: 'There are no staged changes',
  cannotPlan: "Cannot plan until cluster state has converged. Check 'Ring Ready' in 'riak-admin ring_status'",
  cannotCommit:
    "Cannot commit until cluster state has converged. Check 'Ring Ready' in 'riak-admin ring_status'",
  planChanged: "The plan has changed. Verify with 'riak-admin cluster plan' before committing",
  unableToCommit:
    'Unable to commit cluster changes. Plan may have changed, please verify the plan and try to commit again',
  nothingPlanned: "You must verify the plan with 'riak-admin cluster plan' before committing",
  timeout: (at: string) => `RPC to ${at} failed: timeout`,
  claimantLost: (at: string, claimant: string, call: string) =>
    `RPC to ${at} failed: {'EXIT',{{nodedown,${claimant}},{gen_server,call,[{riak_core_claimant,${claimant}},${call},infinity]}}}`,
} as const;

/** The Erlang name of a node. */
export function nameOf(node: NodeId): string {
  return `riak@${node}`;
}
