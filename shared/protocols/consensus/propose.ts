import { lookUp } from '../../base/table.ts';
import type { NodeId } from '../../sim/operation.ts';
import { isMemberChange } from './member-change.ts';
import { judgeChange } from './member-health.ts';
import { appendProposal } from './replication.ts';
import { reply, send, type Step } from './step.ts';
import type { PendingRequest, Proposal, RaftState } from './types.ts';

/**
 * A leader takes a proposal, a follower forwards it, and without a leader it waits before Raft's door. `from`: the
 * member that it comes from.
 */
export function propose(step: Step, from: NodeId, proposal: Proposal): void {
  const { state } = step;
  if (state.role === 'leader') lead(step, from, proposal);
  else if (state.leader === null) state.waiting.push(proposal);
  else send(step, state.leader, { kind: 'propose', proposal, serial: serial(state) });
}

/** The leader does not take a change of members: its member tells the client. */
export function onRefused(step: Step, { id, error }: { readonly id: string; readonly error: string }): void {
  const request = takePending(step.state, id);
  if (request === null) return;
  reply(step, request.to, request.request, { kind: 'error', code: 'failed-precondition', error });
}

/** The client that waits for a proposal of this member, which is thereby answered. */
export function takePending(state: RaftState, id: string): PendingRequest | null {
  const request = lookUp(state.pending, id) ?? null;
  if (request !== null) delete state.pending[id];
  return request;
}

export function nextProposalId(state: RaftState): string {
  return proposalId(state, ++state.proposals);
}

export function proposalId({ self, incarnation }: RaftState, count: number): string {
  return `${self}/${incarnation}/${count}`;
}

function lead(step: Step, from: NodeId, proposal: Proposal): void {
  const { id, command } = proposal;
  const verdict = isMemberChange(command) ? judgeChange(step, command) : 'take';
  if (verdict === 'ignore') return;
  if (verdict === 'take') {
    appendProposal(step, proposal);
    return;
  }
  const refused = { kind: 'refused', id, error: verdict.error } as const;
  if (from === step.state.self) onRefused(step, refused);
  else send(step, from, refused);
}

/** Rises over restarts, so that a new process is not taken for an echo of the old. */
function serial(state: RaftState): number {
  return state.incarnation * 1_000_000 + ++state.forwarded;
}
