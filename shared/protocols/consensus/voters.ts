import { lookUp } from '../../base/table.ts';
import type { NodeId } from '../../sim/operation.ts';
import type { RaftState } from './types.ts';

/** Whether this node belongs to the cluster: a spare machine does not yet, and a removed one does not any more. */
export function isMember({ self, nodes, membership }: RaftState): boolean {
  if (membership === undefined) return true;
  return nodes.includes(self) && lookUp(membership.removed, self) === undefined;
}

/** Whether a member votes and counts; etcd's learners only receive the log (etcd, learning: learner). */
export function isVoter({ learners }: Pick<RaftState, 'learners'>, node: NodeId): boolean {
  return learners === undefined || !learners.includes(node);
}

export function votersOf({ nodes, learners }: Pick<RaftState, 'nodes' | 'learners'>): readonly NodeId[] {
  return learners === undefined ? nodes : nodes.filter((node) => !learners.includes(node));
}

export function countVoters({ nodes, learners }: Pick<RaftState, 'nodes' | 'learners'>): number {
  return nodes.length - (learners?.length ?? 0);
}
