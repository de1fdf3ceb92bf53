import { lookUp } from '../../base/table.ts';
import type { NodeId } from '../../sim/operation.ts';
import { beginLease, forgetExpiry, onKeepAlive } from './leases.ts';
import { advanceReads, failReadsOfOldLeader, retryRead, startRead } from './reads.ts';
import { appendProposal } from './replication.ts';
import { cancelTimer, reply, send, setTimer, type Step } from './step.ts';
import { applyCommand, range, type Command, type Request } from './store.ts';
import { explainTimeout, requestTimeout } from './timeout.ts';
import type { Entry, Proposal, RaftMessage, RaftState } from './types.ts';
import { isVoter } from './voters.ts';
import { advanceWatches, watchKey, watchLock } from './watches.ts';

/** What etcd's server does around its Raft node: clients' requests in, applied entries and answers out. */
export function onRequest(step: Step, from: NodeId, id: number, request: Request): void {
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
      onChange(step, from, id, request);
  }
}

function onChange(step: Step, from: NodeId, id: number, request: Command): void {
  const { state } = step;
  const count = ++state.proposals;
  const proposal: Proposal = { id: proposalId(state, count), command: request };
  state.pending[proposal.id] = { to: from, request: id, start: step.now };
  setTimer(step, `request-${count}`, requestTimeout(state));
  propose(step, proposal);
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
  const peer = step.state.peers[from];
  if (peer === undefined || message.serial <= peer.serial) return;
  peer.serial = message.serial;
  propose(step, message.proposal);
}

/** The request's time is up. A proposal that never entered Raft is withdrawn and certainly did not happen. */
export function onRequestTimeout(step: Step, count: number): void {
  const { state } = step;
  const id = proposalId(state, count);
  const request = lookUp(state.pending, id);
  if (request === undefined) return;
  delete state.pending[id];
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
    if (command !== undefined) applyCommand(state.store, command);
  }
}

/** A leader takes a proposal, a follower forwards it, and without a leader it waits before Raft's door. */
function propose(step: Step, proposal: Proposal): void {
  const { state } = step;
  if (state.role === 'leader') appendProposal(step, proposal);
  else if (state.leader === null) state.waiting.push(proposal);
  else send(step, state.leader, { kind: 'propose', proposal, serial: serial(state) });
}

/** Rises over restarts, so that a new process is not taken for an echo of the old. */
function serial(state: RaftState): number {
  return state.incarnation * 1_000_000 + ++state.forwarded;
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
  for (const proposal of waiting) propose(step, proposal);
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
  const answer = applyCommand(state.store, command);
  if (command.kind === 'lease-grant') beginLease(step, command.lease, command.ttl);
  const request = lookUp(state.pending, id);
  if (request === undefined) return;
  delete state.pending[id];
  cancelTimer(step, `request-${Number(id.slice(id.lastIndexOf('/') + 1))}`);
  reply(step, request.to, request.request, answer);
}

function proposalId(state: RaftState, count: number): string {
  return `${state.self}/${state.incarnation}/${count}`;
}
