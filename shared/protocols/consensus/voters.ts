import type { NodeId } from '../../sim/operation.ts';
import type { RaftState } from './types.ts';

/** Whether a member votes and counts; etcd's learners only receive the log (etcd, learning: learner). */
export function isVoter({ learners }: Pick<RaftState, 'learners'>, node: NodeId): boolean {
  return learners === undefined || !learners.includes(node);
}

export function countVoters({ nodes, learners }: Pick<RaftState, 'nodes' | 'learners'>): number {
  return nodes.length - (learners?.length ?? 0);
}
