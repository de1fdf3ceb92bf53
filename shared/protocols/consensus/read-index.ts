import type { NodeId } from '../../sim/operation.ts';
import { broadcastHeartbeat } from './heartbeat.ts';
import { termAt } from './log.ts';
import { send, type Step } from './step.ts';
import type { Peer, RaftState, ReadRequest } from './types.ts';
import { isVoter } from './voters.ts';

/**
 * The leader's part of a linearizable read (Ongaro 2014 §6.4): remember the commit index, make sure by a round
 * of heartbeats that nobody else has become leader meanwhile, and give the index to the member that asked.
 */
export function onReadIndex(step: Step, member: NodeId, id: number): void {
  const context = enqueue(step, member, id);
  if (context > 0) broadcastHeartbeat(step, context);
}

/** Returns the context of the round that must now be sent to everybody, or 0. */
function enqueue(step: Step, member: NodeId, id: number): number {
  const { state } = step;
  if (state.quorum === 1) {
    confirm(step, { member, id, index: state.commit, context: 0 });
    return 0;
  }
  // Before a commit of its own term a leader may not know the newest committed entry.
  if (!hasCommittedInTerm(state)) {
    state.earlyReads.push({ member, id });
    return 0;
  }
  state.readQueue.push({ member, id, index: state.commit, context: ++state.readContext });
  return state.readContext;
}

/** The round that regular heartbeats carry, so that one lost heartbeat does not lose the read. */
export function latestReadContext(state: RaftState): number {
  return state.readQueue.at(-1)?.context ?? 0;
}

/** A follower has answered a heartbeat of that round, or a later one: for earlier reads that proves as much. */
export function onReadAck(step: Step, peer: Peer, context: number): void {
  const { state } = step;
  peer.readAck = Math.max(peer.readAck, context);
  if (state.readQueue.length === 0) return;
  let acks = 1;
  for (const other of state.others) {
    if ((state.peers[other]?.readAck ?? 0) >= context && isVoter(state, other)) acks++;
  }
  if (acks < state.quorum) return;
  const done = state.readQueue.filter((read) => read.context <= context);
  state.readQueue = state.readQueue.filter((read) => read.context > context);
  for (const read of done) confirm(step, read);
}

/** The first commit of the term has come: reads that waited for it begin their round. */
export function releaseEarlyReads(step: Step): void {
  const { state } = step;
  if (state.earlyReads.length === 0 || !hasCommittedInTerm(state)) return;
  const reads = state.earlyReads;
  state.earlyReads = [];
  let context = 0;
  for (const read of reads) context = enqueue(step, read.member, read.id);
  if (context > 0) broadcastHeartbeat(step, context);
}

export function hasCommittedInTerm(state: RaftState): boolean {
  return termAt(state, state.commit) === state.term;
}

function confirm(step: Step, read: ReadRequest): void {
  const { state } = step;
  const { id, index } = read;
  if (read.member === state.self) state.confirmed.push({ id, index });
  else send(step, read.member, { kind: 'read-index-reply', term: state.term, id, index });
}
