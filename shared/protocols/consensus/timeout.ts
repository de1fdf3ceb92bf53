import type { NodeId } from '../../sim/operation.ts';
import { CONNECTION_SILENCE_MS, ownPeer } from './peer.ts';
import type { Step } from './step.ts';
import type { PendingRequest, RaftState } from './types.ts';
import { countVoters, isVoter } from './voters.ts';

/** etcd's ReqTimeout: five seconds, and two elections, since one may come in between. */
export function requestTimeout(state: RaftState): number {
  return 5000 + 2 * electionMs(state);
}

/** How etcd explains a change that was not applied in time: the rules of its parseProposeCtxErr, in their order. */
export function explainTimeout(step: Step, { start }: PendingRequest): string {
  const { state } = step;
  const { electedAt } = state;
  // Only the member that has become leader keeps the time of an election.
  if (electedAt !== null && start > electedAt - 2 * electionMs(state) && start < electedAt) {
    return 'etcdserver: request timed out, possibly due to previous leader failure';
  }
  return hasLostConnection(step, start)
    ? 'etcdserver: request timed out, possibly due to connection lost'
    : 'etcdserver: request timed out';
}

/** Keeps the time of a sign of life. A follower expects one only from its leader, a leader from everybody. */
export function noteContact(step: Step, from: NodeId): void {
  const { state } = step;
  const peer = ownPeer(state, from);
  if (peer === undefined) return;
  const isExpected = state.role === 'leader' || state.leader === from;
  if (isExpected && step.now - peer.heardAt > CONNECTION_SILENCE_MS) peer.connectedSince = step.now;
  peer.heardAt = step.now;
}

function hasLostConnection(step: Step, start: number): boolean {
  const { state } = step;
  if (state.leader === null) return false;
  if (state.leader !== state.self) return !isConnectedSince(step, state.leader, start);
  const connected = state.others.filter(
    (other) => isVoter(state, other) && isConnectedSince(step, other, start),
  ).length;
  return connected + 1 < Math.floor(countVoters(state) / 2) + 1;
}

export function isConnectedSince(step: Step, node: NodeId, start: number): boolean {
  const peer = step.state.peers[node];
  if (peer === undefined) return false;
  return step.now - peer.heardAt <= CONNECTION_SILENCE_MS && peer.connectedSince <= start;
}

function electionMs(state: RaftState): number {
  return state.electionTicks * state.heartbeatMs;
}
