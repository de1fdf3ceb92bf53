import type { NodeId } from '../../../sim/operation.ts';
import type { ErrorCode } from '../../coordination.ts';
import { appliedZxid } from './log.ts';
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

/** The configuration in force: the one applied last, or a later one that another server has told of. */
export function currentVoters({ configurations, told, nodes, log, applied }: ZabState): Configuration {
  const zxid = appliedZxid({ log, applied });
  const own = configurations?.findLast((other) => other.zxid <= zxid) ?? { zxid: 0, voters: nodes };
  return told !== undefined && told.zxid > own.zxid ? told : own;
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
  const { configurations, nodes } = state;
  const latest = configurations?.at(-1);
  if (latest === undefined && state.told === undefined) return [nodes];
  const current = currentVoters(state);
  return latest === undefined || current.zxid >= latest.zxid
    ? [current.voters]
    : [current.voters, latest.voters];
}

/** Whether all servers vote, as they did from the beginning. */
function isFixed({ configurations, told }: ZabState): boolean {
  return configurations === undefined && told === undefined;
}

function isMajority(voters: readonly NodeId[], counts: (node: NodeId) => boolean): boolean {
  return 2 * countIn(voters, counts) > voters.length;
}

function countIn(nodes: readonly NodeId[], counts: (node: NodeId) => boolean): number {
  let count = 0;
  for (const node of nodes) if (counts(node)) count++;
  return count;
}
