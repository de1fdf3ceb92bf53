import { keysOf, lookUp } from '../../base/table.ts';
import type { NodeId } from '../../sim/operation.ts';
import { becomeFollower } from './election.ts';
import { createMembership, type MemberChange } from './member-change.ts';
import { nextProposalId, propose, takePending } from './propose.ts';
import { failReads } from './reads.ts';
import { broadcastAppend, commitByCounting } from './replication.ts';
import { mark, reply, send, setTimer, type Step } from './step.ts';
import { requestTimeout } from './timeout.ts';
import type { RaftMessage } from './types.ts';
import { isMember } from './voters.ts';

/** What a process says when it learns that it is no member any more (etcdserver: stopWithDelay, ErrMemberRemoved). */
const REMOVED = 'the member has been permanently removed from the cluster';
/**
 * How long a leader that has removed itself goes on, ms: the others must hear that the entry is committed, or two members
 * are left of whom each waits for the other (etcdserver, applyAll: stopWithDelay of 10 × 100 ms).
 */
const LAST_WORDS = 1000;
/** What only a member may say, and what a removed one is told in answer to it. */
const FROM_MEMBERS: readonly RaftMessage['kind'][] = ['pre-vote', 'vote', 'append', 'heartbeat', 'propose'];

/** A change was applied: what follows from it for this node. */
export function afterChange(step: Step, { kind, node }: MemberChange): void {
  const { state } = step;
  if (state.role === 'leader' && kind !== 'member-publish') {
    const majority = `a majority of ${state.nodes.length - (state.learners?.length ?? 0)} is ${state.quorum}`;
    mark(step, 'members', `the members are ${state.nodes.join(', ')}; ${majority}`);
    // A smaller majority may have what the larger one had not.
    if (node !== state.self && commitByCounting(step)) broadcastAppend(step);
  }
  if (node !== state.self) return;
  if (kind === 'member-remove' && state.role === 'leader') setTimer(step, 'stop', LAST_WORDS);
  else if (kind === 'member-remove') stop(step);
  if (kind === 'member-add') publish(step);
}

/** A leader that has removed itself has told the others long enough, unless it was added again meanwhile. */
export function stopRemoved(step: Step): void {
  if (!isMember(step.state)) stop(step);
}

/** A new member tells that it runs, again and again until that is in the log. */
export function publish(step: Step): void {
  const { state } = step;
  if (state.membership?.unstarted.includes(state.self) !== true) return;
  setTimer(step, 'publish', requestTimeout(state));
  const command = { kind: 'member-publish', node: state.self } as const;
  propose(step, state.self, { id: nextProposalId(state), command });
}

/**
 * Whether a message comes from a node that was removed: it is not considered, and the node is told (rafthttp). A removed
 * node answers whoever counts on it: it may have been added again, and not know yet.
 */
export function isGone(step: Step, from: NodeId, { kind }: RaftMessage): boolean {
  const { membership } = step.state;
  const index = membership === undefined ? undefined : lookUp(membership.removed, from);
  if (index === undefined || !FROM_MEMBERS.includes(kind)) return false;
  send(step, from, { kind: 'gone', index });
  return true;
}

/** Somebody has applied this node's removal. If it was added again since, that is old news, and it says so. */
export function onGone(step: Step, from: NodeId, index: number): void {
  const { state } = step;
  const membership = (state.membership ??= createMembership());
  if (lookUp(membership.removed, state.self) !== undefined) return;
  if (index <= membership.index) {
    send(step, from, { kind: 'back', index: membership.index });
    return;
  }
  membership.removed[state.self] = index;
  stop(step);
}

/**
 * A node that was removed belongs to the cluster again. Its messages count from now on, or nobody could tell this node:
 * the log with the news comes from the leader, and the leader may be that node. (In etcd a member that is added again
 * has another member id, and only the old one is shut out.)
 */
export function onBack({ state }: Step, from: NodeId, index: number): void {
  const { membership } = state;
  const removal = membership === undefined ? undefined : lookUp(membership.removed, from);
  if (membership !== undefined && removal !== undefined && removal < index) delete membership.removed[from];
}

/** The process ends. What the machine has on its disk stays; whoever waits here is told. */
function stop(step: Step): void {
  const { state } = step;
  const stopped = { kind: 'error', code: 'unavailable', error: 'etcdserver: server stopped' } as const;
  becomeFollower(step, state.term, null, 'it was removed');
  mark(step, 'members', `${state.self}: ${REMOVED}`);
  for (const id of keysOf(state.pending)) {
    const request = takePending(state, id);
    if (request !== null) reply(step, request.to, request.request, stopped);
  }
  for (const { to, request } of state.watchers ?? []) reply(step, to, request, stopped);
  state.waiting = [];
  delete state.watchers;
  failReads(step, stopped.error);
}
