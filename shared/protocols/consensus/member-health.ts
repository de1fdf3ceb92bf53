import type { NodeId } from '../../sim/operation.ts';
import { isMemberChange, type MemberChange } from './member-change.ts';
import type { Step } from './step.ts';
import { isConnectedSince } from './timeout.ts';
import type { RaftState } from './types.ts';
import { hasCommittedInTerm } from './read-index.ts';
import { isVoter, votersOf } from './voters.ts';

/** etcd's HealthInterval: a connection must have stood that long. Milliseconds. */
const HEALTH_MS = 5000;
const UNHEALTHY = 'etcdserver: unhealthy cluster';
const NOT_STARTED = 'etcdserver: re-configuration failed due to not enough started members';
const NOT_IN_SYNC = 'etcdserver: can only promote a learner member which is in sync with leader';

/**
 * What the leader does with a change of members. One after the other: while an earlier one is not applied, etcd puts an
 * empty entry in the place of the next (etcd-io/raft raft.go, pendingConfIndex), so nobody ever answers its client.
 * The same holds before the leader's first commit of its term (Ongaro, "bug in single-server membership changes", 2015).
 */
export function judgeChange(
  step: Step,
  change: MemberChange,
): 'take' | 'ignore' | { readonly error: string } {
  if (change.kind === 'member-publish') return 'take';
  const error = refuseChange(step, change);
  if (error !== null) return { error };
  return isOneUnderWay(step.state) || !hasCommittedInTerm(step.state) ? 'ignore' : 'take';
}

/**
 * Why etcd does not even propose a change: etcd-server's mayAddMember, mayRemoveMember and mayPromoteMember with
 * --strict-reconfig-check. Every etcd knows its own connections; here only a leader hears everybody all the time, so it is the leader who looks, or
 * a member that has none.
 */
export function refuseChange(step: Step, change: MemberChange): string | null {
  const { state } = step;
  if (change.kind === 'member-promote' && !isInSync(state, change.node)) return NOT_IN_SYNC;
  // raft itself panics at a configuration without voters.
  if (change.kind === 'member-remove' && votersOf(state).every((voter) => voter === change.node))
    return NOT_STARTED;
  if (state.laxReconfig === true) return null;
  switch (change.kind) {
    case 'member-add': {
      const voters = votersOf(state);
      if (!change.learner && !isReadyToAdd(state, voters)) return NOT_STARTED;
      return countConnected(step, voters) < voters.length ? UNHEALTHY : null;
    }
    case 'member-remove':
      return refuseRemoval(step, change.node);
    case 'member-promote': {
      const voters = votersOf(state);
      return countStarted(state, voters) + 1 < majorityOf(voters.length + 1) ? NOT_STARTED : null;
    }
    case 'member-publish':
      return null;
  }
}

function refuseRemoval(step: Step, node: NodeId): string | null {
  const { state } = step;
  if (!isVoter(state, node)) return null;
  const voters = votersOf(state);
  const others = voters.filter((voter) => voter !== node);
  if (countStarted(state, others) < majorityOf(others.length)) return NOT_STARTED;
  // A member that is down is no part of what holds the quorum now.
  if (node !== state.self && !isConnectedSince(step, node, step.now)) return null;
  const left = countConnected(step, voters) - 1;
  return left < 1 + Math.floor((voters.length - 1) / 2) ? UNHEALTHY : null;
}

/** With one of two started, another may be added: so a cluster is restored (membership/cluster.go). */
function isReadyToAdd(state: RaftState, voters: readonly NodeId[]): boolean {
  const started = countStarted(state, voters);
  return (started === 1 && voters.length === 2) || started >= majorityOf(voters.length);
}

function countStarted({ membership }: RaftState, voters: readonly NodeId[]): number {
  return voters.filter((voter) => membership?.unstarted.includes(voter) !== true).length;
}

function countConnected(step: Step, voters: readonly NodeId[]): number {
  const since = step.now - HEALTH_MS;
  return voters.filter((voter) => voter === step.state.self || isConnectedSince(step, voter, since)).length;
}

/** readyPercentThreshold: a learner has nine tenths of the leader's log. Whoever does not know it has nothing to refuse. */
function isInSync(state: RaftState, node: NodeId): boolean {
  const peer = state.peers[node];
  if (state.role !== 'leader' || peer === undefined || isVoter(state, node)) return true;
  return 10 * peer.match >= 9 * state.log.length;
}

function isOneUnderWay({ log, applied }: RaftState): boolean {
  return log.slice(applied).some(({ proposal }) => {
    return (
      proposal !== null && isMemberChange(proposal.command) && proposal.command.kind !== 'member-publish'
    );
  });
}

function majorityOf(count: number): number {
  return Math.floor(count / 2) + 1;
}
