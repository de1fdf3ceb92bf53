import { freeze } from '../../base/json.ts';
import type { NodeId } from '../../sim/operation.ts';
import { commitTo, lastIndex, lastPossibleMatch, takeEntries, termAt } from './log.ts';
import { onReadAck, releaseEarlyReads } from './read-index.ts';
import { ownPeer } from './peer.ts';
import { mark, save, send, type Step } from './step.ts';
import type { AppendMessage, Entry, Peer, Proposal, RaftState, TermMessage } from './types.ts';
import { isVoter, isMember } from './voters.ts';
import { describeProposal } from './words.ts';

/** etcd bounds an append by bytes; entries here are small, so a count does. */
const ENTRIES_PER_APPEND = 64;
/** Entries sent ahead of the last answer, at most. */
const ENTRIES_IN_FLIGHT = 4096;
const NO_ENTRIES: readonly Entry[] = [];

/** The leader takes a proposal into its log. */
export function appendProposal(step: Step, proposal: Proposal): void {
  const { state } = step;
  state.log.push(freeze({ index: lastIndex(state) + 1, term: state.term, proposal }));
  save(step);
  broadcastAppend(step);
}

export function broadcastAppend(step: Step): void {
  const { state } = step;
  // A leader alone is a majority.
  if (state.quorum === 1) commitByCounting(step);
  for (const other of state.others) {
    const peer = ownPeer(state, other);
    if (peer !== undefined) sendAppend(step, other, peer, true);
  }
}

/** A follower's part: take over the leader's entries if the logs meet before them, else say where they may. */
export function onAppend(step: Step, from: NodeId, message: AppendMessage): void {
  const { state } = step;
  const { prevIndex, prevTerm, entries } = message;
  if (prevIndex < state.commit) {
    // An old append: everything up to the commit index agrees anyway.
    send(step, from, { kind: 'append-reply', term: state.term, index: state.commit });
    return;
  }
  if (termAt(state, prevIndex) !== prevTerm) {
    const hint = lastPossibleMatch(state, prevIndex, prevTerm);
    const hintTerm = termAt(state, hint);
    send(step, from, { kind: 'append-reject', term: state.term, index: prevIndex, hint, hintTerm });
    return;
  }
  takeEntries(step, entries);
  const index = prevIndex + entries.length;
  commitTo(step, Math.min(message.commit, index));
  send(step, from, { kind: 'append-reply', term: state.term, index });
}

export function onAppendReply(step: Step, from: NodeId, peer: Peer, index: number): void {
  peer.active = true;
  const isNews = index > peer.match || (index === peer.match && peer.mode === 'probe');
  if (!isNews) return;
  peer.match = index;
  peer.next = peer.mode === 'probe' ? index + 1 : Math.max(peer.next, index + 1);
  peer.mode = 'replicate';
  peer.paused = false;
  if (index > step.state.commit && commitByCounting(step)) {
    releaseEarlyReads(step);
    broadcastAppend(step);
  }
  while (sendAppend(step, from, peer, false));
}

/** Goes back to where the logs may meet: at most one probe for each term in the leader's log. */
export function onAppendReject(
  step: Step,
  from: NodeId,
  peer: Peer,
  message: Extract<TermMessage, { kind: 'append-reject' }>,
): void {
  peer.active = true;
  if (peer.mode === 'replicate') {
    if (message.index <= peer.match) return;
    peer.mode = 'probe';
    peer.next = peer.match + 1;
  } else {
    // An answer to an earlier probe says nothing new.
    if (peer.next - 1 !== message.index) return;
    const hint = lastPossibleMatch(step.state, message.hint, message.hintTerm);
    peer.next = Math.max(Math.min(message.index, hint + 1), peer.match + 1);
  }
  peer.paused = false;
  sendAppend(step, from, peer, true);
}

/** Every heartbeat's answer is a chance to send again what was lost. */
export function onHeartbeatReply(step: Step, from: NodeId, peer: Peer, context: number): void {
  peer.active = true;
  peer.paused = false;
  if (peer.match < step.state.log.length || peer.mode === 'probe') sendAppend(step, from, peer, true);
  if (context > 0) onReadAck(step, peer, context);
}

/** Sends what a follower lacks next. False when there is nothing to send or it must wait. */
function sendAppend(step: Step, to: NodeId, peer: Peer, evenIfEmpty: boolean): boolean {
  if (peer.paused) return false;
  const { state } = step;
  const isFull = peer.mode === 'replicate' && peer.next - peer.match > ENTRIES_IN_FLIGHT;
  const prevIndex = peer.next - 1;
  const hasMore = prevIndex < state.log.length && !isFull;
  if (!hasMore && !evenIfEmpty) return false;
  const entries = hasMore ? state.log.slice(prevIndex, prevIndex + ENTRIES_PER_APPEND) : NO_ENTRIES;
  const prevTerm = termAt(state, prevIndex);
  send(step, to, { kind: 'append', term: state.term, prevIndex, prevTerm, entries, commit: state.commit });
  if (peer.mode === 'replicate') {
    peer.next += entries.length;
    peer.paused = isFull;
  } else peer.paused = hasMore;
  return true;
}

/**
 * Commits what a majority has. Only an entry of the leader's own term may be counted; older ones are committed
 * with it. Otherwise a later leader could still overwrite what had been counted (Ongaro 2014 §3.6.2, Figure 3.7).
 */
export function commitByCounting(step: Step): boolean {
  const { state } = step;
  // A leader that has removed itself counts no more: it only tells what was committed before.
  if (!isMember(state) || !isNewsToMajority(state)) return false;
  const index = majorityMatch(state);
  if (index <= state.commit || termAt(state, index) !== state.term) return false;
  const from = state.commit + 1;
  commitTo(step, index);
  mark(step, 'commit', describeCommit(state, from, index));
  return true;
}

/** Whether a majority's logs reach beyond the commit index. Most answers to an append come before that or after. */
function isNewsToMajority(state: RaftState): boolean {
  let reached = state.log.length > state.commit ? 1 : 0;
  for (const other of state.others) {
    if ((state.peers[other]?.match ?? 0) > state.commit) reached++;
  }
  return reached >= state.quorum;
}

/** The highest index that a majority's logs, the leader's among them, are known to reach. */
function majorityMatch(state: RaftState): number {
  const matches = new Float64Array(state.nodes.length);
  matches[0] = state.log.length;
  state.others.forEach((other, i) => {
    // Those that do not count are behind everybody who does.
    matches[i + 1] = isVoter(state, other) ? (state.peers[other]?.match ?? 0) : -1;
  });
  matches.sort();
  return matches[state.nodes.length - state.quorum] ?? 0;
}

function describeCommit(state: RaftState, from: number, to: number): string {
  if (to > from) return `entries ${from} to ${to} are on a majority: committed`;
  const proposal = state.log[to - 1]?.proposal ?? null;
  return `entry ${to} (${proposal === null ? 'empty' : describeProposal(proposal)}) is on a majority: committed`;
}
