import type { NodeId } from '../../sim/operation.ts';
import { beginLease, forgetExpiry, onKeepAlive } from './leases.ts';
import { changeMembers, CONNECTION_REFUSED, isMemberChange, type MemberChange } from './member-change.ts';
import { refuseChange } from './member-health.ts';
import { afterChange } from './members.ts';
import { ownPeer } from './peer.ts';
import { nextProposalId, proposalId, propose, takePending } from './propose.ts';
import { advanceReads, failReadsOfOldLeader, retryRead, startRead } from './reads.ts';
import { cancelTimer, reply, setTimer, type Step } from './step.ts';
import { applyCommand, range, type Command, type Reply, type Request } from './store.ts';
import { explainTimeout, requestTimeout } from './timeout.ts';
import type { Entry, Proposal, RaftMessage, RaftState } from './types.ts';
import { isMember, isVoter } from './voters.ts';
import { advanceWatches, watchKey, watchLock } from './watches.ts';

/** What etcd's server does around its Raft node: clients' requests in, applied entries and answers out. */
export function onRequest(step: Step, from: NodeId, id: number, request: Request): void {
  if (!isMember(step.state)) {
    reply(step, from, id, { kind: 'error', code: 'failed-precondition', error: CONNECTION_REFUSED });
    return;
  }
  if (!isVoter(step.state, step.state.self) && !(request.kind === 'range' && request.serializable)) {
    const error = 'etcdserver: rpc not supported for learner';
    reply(step, from, id, { kind: 'error', code: 'failed-precondition', error });
    return;
  }
  switch (request.kind) {
    case 'range':
      if (request.serializable) reply(step, from, id, range(step.state.store, request.key));
      else startRead(step, { to: from, request: id, key: request.key });
      return;
    case 'keep-alive':
      onKeepAlive(step, from, id, request.lease);
      return;
    case 'watch':
      watchKey(step, from, id, request.key, request.start);
      return;
    case 'watch-lock':
      watchLock(step, from, id, request.key, request.lease);
      return;
    default:
      if (isMemberChange(request)) onMemberChange(step, from, id, request);
      else onChange(step, from, id, request);
  }
}

/** There is no limit of the server's own to how long a change of members may take: the client gives up. */
function onMemberChange(step: Step, from: NodeId, id: number, change: MemberChange): void {
  const { state } = step;
  const refusal = state.leader === null ? refuseChange(step, change) : null;
  if (refusal !== null) {
    reply(step, from, id, { kind: 'error', code: 'failed-precondition', error: refusal });
    return;
  }
  const proposal: Proposal = { id: nextProposalId(state), command: change };
  state.pending[proposal.id] = { to: from, request: id, start: step.now };
  propose(step, state.self, proposal);
}

function onChange(step: Step, from: NodeId, id: number, request: Command): void {
  const { state } = step;
  const count = ++state.proposals;
  const proposal: Proposal = { id: proposalId(state, count), command: request };
  state.pending[proposal.id] = { to: from, request: id, start: step.now };
  setTimer(step, `request-${count}`, requestTimeout(state));
  propose(step, state.self, proposal);
}

/**
 * A proposal from another member. Its connection would deliver it once; links here may duplicate, and what
 * is proposed twice would be applied twice, so what comes again or late is dropped.
 */
export function onPropose(
  step: Step,
  from: NodeId,
  message: Extract<RaftMessage, { kind: 'propose' }>,
): void {
  const peer = ownPeer(step.state, from);
  if (peer === undefined || message.serial <= peer.serial) return;
  peer.serial = message.serial;
  propose(step, from, message.proposal);
}

/** The request's time is up. A proposal that never entered Raft is withdrawn and certainly did not happen. */
export function onRequestTimeout(step: Step, count: number): void {
  const { state } = step;
  const id = proposalId(state, count);
  const request = takePending(state, id);
  if (request === null) return;
  const isWaiting = state.waiting.some((proposal) => proposal.id === id);
  if (isWaiting) {
    state.waiting = state.waiting.filter((proposal) => proposal.id !== id);
    const error = 'context deadline exceeded';
    reply(step, request.to, request.request, { kind: 'error', code: 'deadline-exceeded', error });
  } else {
    const error = explainTimeout(step, request);
    reply(step, request.to, request.request, { kind: 'error', code: 'unavailable', error });
  }
}

/** The end of every step: the server part takes note of what Raft has come to, like etcd with Raft's Ready. */
export function advanceServer(step: Step): void {
  const { state } = step;
  if (state.leader !== state.seenLeader) onLeaderChange(step);
  if (state.applied < state.commit) {
    while (state.applied < state.commit) applyNext(step);
    advanceWatches(step);
  }
  if (state.readRound !== null || state.confirmed.length > 0) advanceReads(step);
}

/** Brings the store to the commit index without answering anybody: after a restart. */
export function replay(state: RaftState): void {
  while (state.applied < state.commit) {
    const command = state.log[state.applied++]?.proposal?.command;
    if (command === undefined) continue;
    if (isMemberChange(command)) changeMembers(state, state.applied, command);
    else applyCommand(state.store, command);
  }
}

function onLeaderChange(step: Step): void {
  const { state } = step;
  state.seenLeader = state.leader;
  forgetExpiry(state);
  if (state.leader === null) return;
  if (state.leader === state.self) state.electedAt = step.now;
  failReadsOfOldLeader(step);
  const waiting = state.waiting;
  state.waiting = [];
  for (const proposal of waiting) propose(step, state.self, proposal);
}

function applyNext(step: Step): void {
  const { state } = step;
  const entry = state.log[state.applied++] as Entry;
  if (entry.proposal === null) {
    // The first commit of a term: a read-index request may have come too early for the leader.
    retryRead(step);
    return;
  }
  const { id, command } = entry.proposal;
  if (isMemberChange(command)) {
    const error = changeMembers(state, entry.index, command);
    const request = takePending(state, id);
    if (request !== null) reply(step, request.to, request.request, answerToChange(state, error));
    if (error === null) afterChange(step, command);
    return;
  }
  const answer = applyCommand(state.store, command);
  if (command.kind === 'lease-grant') beginLease(step, command.lease, command.ttl);
  const request = takePending(state, id);
  if (request === null) return;
  cancelTimer(step, `request-${Number(id.slice(id.lastIndexOf('/') + 1))}`);
  reply(step, request.to, request.request, answer);
}

function answerToChange({ nodes }: RaftState, error: string | null): Reply {
  if (error === null) return { kind: 'members', nodes };
  return { kind: 'error', code: 'failed-precondition', error };
}
