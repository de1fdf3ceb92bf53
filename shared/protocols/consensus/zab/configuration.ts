import type { NodeId } from '../../../sim/operation.ts';
import type { ErrorCode } from '../../coordination.ts';
import type { Change } from './tree.ts';
import { isSynced } from './learners.ts';
import type { Configuration, Leading, Learner, ZabState } from './types.ts';

/**
 * Whether this leader and its learners that count are a quorum: of all servers; or, where the configuration may change, of those
 * that vote. While a new configuration is not committed it takes a quorum of both (Leader's SyncedLearnerTracker).
 */
export function haveQuorum(state: ZabState, role: Leading, counts: (learner: Learner) => boolean): boolean {
  return isQuorum(state, (node) => {
    const learner = role.learners[node];
    return node === state.self || (learner !== undefined && counts(learner));
  });
}

export function isQuorum(state: ZabState, counts: (node: NodeId) => boolean): boolean {
  if (isFixed(state)) return countIn(state.nodes, counts) >= state.quorum;
  return votersOf(state).every((voters) => isMajority(voters, counts));
}

/** Whether a server votes; others are non-voting: they follow the leader and serve clients all the same. */
export function isVoter(state: ZabState, node: NodeId): boolean {
  return isFixed(state) || votersOf(state).some((voters) => voters.includes(node));
}

/** Whether a server may be elected: who is to vote next may not yet (FastLeaderElection.getInitId). */
export function mayLead(state: ZabState, node: NodeId): boolean {
  return currentVoters(state).voters.includes(node);
}

/** The configuration in force. What is only logged is not, though it is in the tree of a server that looks for a leader. */
export function currentVoters({ configurations, inForce, nodes }: ZabState): Configuration {
  return inForce ?? configurations?.[0] ?? { zxid: 0, voters: nodes };
}

/** Whether all servers vote, as they did from the beginning. */
export function isFixed({ configurations, inForce }: ZabState): boolean {
  return configurations === undefined && inForce === undefined;
}

/** What a leader makes of a request to change the configuration: the new one, or why not (PrepRequestProcessor). */
export function prepareReconfig(
  state: ZabState,
  role: Leading,
  change: Change & { kind: 'reconfig' },
): Change {
  const { session, node, joins } = change;
  const { voters } = currentVoters(state);
  const others = voters.filter((voter) => voter !== node);
  const next = joins ? [...others, node] : others;
  const error = refuse(state, role, next);
  return error === null ? { ...change, voters: next } : { kind: 'error', session, error };
}

function refuse(state: ZabState, role: Leading, next: readonly NodeId[]): ErrorCode | null {
  if (state.knobs.reconfigEnabled !== true) return 'Reconfig is disabled';
  if (votersOf(state).length > 1) return 'ReconfigInProgress';
  // standaloneEnabled: a single server would be another kind of ensemble.
  if (next.length < 2) return 'BadArguments';
  const isConnected = (node: NodeId) => {
    const learner = role.learners[node];
    return node === state.self || (learner !== undefined && isSynced(learner));
  };
  return isMajority(next, isConnected) ? null : 'NewConfigNoQuorum';
}

/** Who votes now; and, while that is not committed, who is to vote next. */
function votersOf(state: ZabState): (readonly NodeId[])[] {
  const current = currentVoters(state);
  const latest = state.configurations?.at(-1);
  return latest === undefined || latest.zxid <= current.zxid
    ? [current.voters]
    : [current.voters, latest.voters];
}

function isMajority(voters: readonly NodeId[], counts: (node: NodeId) => boolean): boolean {
  return 2 * countIn(voters, counts) > voters.length;
}

function countIn(nodes: readonly NodeId[], counts: (node: NodeId) => boolean): number {
  let count = 0;
  for (const node of nodes) if (counts(node)) count++;
  return count;
}
