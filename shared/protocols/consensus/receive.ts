import { unreachable } from '../../base/assert.ts';
import type { NodeId } from '../../sim/operation.ts';
import { becomeFollower, isInLease, onVoteReply, onVoteRequest } from './election.ts';
import { onHeartbeat } from './heartbeat.ts';
import { onRenew, onRenewed } from './leases.ts';
import { isGone, onBack, onGone } from './members.ts';
import { ownPeer } from './peer.ts';
import { onRefused } from './propose.ts';
import { onForwardedRead } from './reads.ts';
import { onAppend, onAppendReject, onAppendReply, onHeartbeatReply } from './replication.ts';
import { onPropose } from './server.ts';
import { send, type Step } from './step.ts';
import { noteContact } from './timeout.ts';
import type { RaftMessage, TermMessage } from './types.ts';

/** Takes what another member sent. */
export function onMessage(step: Step, from: NodeId, message: RaftMessage): void {
  noteContact(step, from);
  if (isGone(step, from, message)) return;
  if (message.kind === 'propose') onPropose(step, from, message);
  else if (message.kind === 'read-index') onForwardedRead(step, message.member, message.id);
  else if (message.kind === 'renew') onRenew(step, from, message);
  else if (message.kind === 'renewed') onRenewed(step, message);
  else if (message.kind === 'refused') onRefused(step, message);
  else if (message.kind === 'gone') onGone(step, from, message.index);
  else if (message.kind === 'back') onBack(step, from, message.index);
  else if (meetTerms(step, from, message)) dispatch(step, from, message);
}

/** Settles the terms of sender and receiver (Ongaro 2014 §3.3). False: the message has nothing more to say. */
function meetTerms(step: Step, from: NodeId, message: TermMessage): boolean {
  const { state } = step;
  const { kind, term } = message;
  if (term > state.term) {
    if (kind === 'vote' || kind === 'pre-vote') {
      if (isInLease(state)) return false;
      if (kind === 'pre-vote') return true;
    }
    // A granted pre-vote speaks of a term that nobody has entered.
    if (kind === 'pre-vote-reply' && message.granted) return true;
    const isLeader = kind === 'append' || kind === 'heartbeat';
    becomeFollower(step, term, isLeader ? from : null, `${from} is in term ${term}`);
    return true;
  }
  if (term === state.term) return true;
  if (kind === 'append' || kind === 'heartbeat') {
    // Voters in lease ignore this node's votes, so only this answer can tell the old leader of the newer
    // term. Without it a node that once raised its term alone could never rejoin.
    if (state.checkQuorum || state.preVote)
      send(step, from, { kind: 'append-reply', term: state.term, index: 0 });
  } else if (kind === 'pre-vote') {
    send(step, from, { kind: 'pre-vote-reply', term: state.term, granted: false });
  }
  return false;
}

/** A message of this node's own term, or about a pre-vote. */
function dispatch(step: Step, from: NodeId, message: TermMessage): void {
  const { state } = step;
  switch (message.kind) {
    case 'pre-vote':
    case 'vote':
      onVoteRequest(step, from, message);
      return;
    case 'pre-vote-reply':
    case 'vote-reply':
      onVoteReply(step, from, message);
      return;
    case 'append':
      if (hearLeader(step, from)) onAppend(step, from, message);
      return;
    case 'heartbeat':
      if (hearLeader(step, from)) onHeartbeat(step, from, message);
      return;
    case 'read-index-reply':
      if (state.role === 'follower') state.confirmed.push({ id: message.id, index: message.index });
      return;
    case 'append-reply':
    case 'append-reject':
    case 'heartbeat-reply': {
      const peer = state.role === 'leader' ? ownPeer(state, from) : undefined;
      if (peer === undefined) return;
      if (message.kind === 'append-reply') onAppendReply(step, from, peer, message.index);
      else if (message.kind === 'append-reject') onAppendReject(step, from, peer, message);
      else onHeartbeatReply(step, from, peer, message.context);
      return;
    }
    default:
      unreachable(message);
  }
}

/** False for a leader: two of one term are possible once a disk was lost, and etcd's ignore each other. */
function hearLeader(step: Step, from: NodeId): boolean {
  const { state } = step;
  switch (state.role) {
    case 'leader':
      return false;
    case 'follower':
      state.elapsed = 0;
      state.leader = from;
      return true;
    case 'pre-candidate':
    case 'candidate':
      becomeFollower(step, state.term, from, `${from} leads term ${state.term}`);
      return true;
    default:
      return unreachable(state.role);
  }
}
