import { assert } from '../../../base/assert.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { learnCommit } from './commit.ts';
import { hearPrimary } from './election-timer.ts';
import type { Message } from './messages.ts';
import { compare, lastOf, placeAt } from './oplog.ts';
import { mark, send, setTimer, type Step } from './step.ts';
import { leaveSource } from './sync-source.ts';
import type { MemberState, Peer } from './types.ts';

type HeartbeatReply = Extract<Message, { kind: 'heartbeat-reply' }>;

/** settings.heartbeatIntervalMillis and heartbeatTimeoutSecs. */
const INTERVAL_MS = 2000;
const TIMEOUT_MS = 10_000;

/** Asks a member how it is: every two seconds after its last answer, or sooner where elections are quick. */
export function askForNews(step: Step, to: NodeId): void {
  const peer = peerOf(step.state, to);
  if (peer.unanswered === null) {
    peer.unanswered = 0;
    peer.askedAt = step.now;
  }
  send(step, to, { kind: 'heartbeat', primary: step.state.primary });
  setTimer(step, `heartbeat-${to}`, intervalOf(step.state));
}

/** Time for the next heartbeat. One that is not answered is sent again, as TCP would, and fails after ten seconds. */
export function onHeartbeatTimer(step: Step, to: NodeId): void {
  const { state } = step;
  const peer = state.peers[to];
  if (peer === undefined) return;
  const interval = intervalOf(state);
  peer.silence += interval;
  if (peer.unanswered !== null) {
    peer.unanswered += interval;
    if (peer.unanswered >= TIMEOUT_MS) lose(step, to, 'it has not answered for 10 seconds');
  }
  askForNews(step, to);
}

export function onHeartbeat(step: Step, from: NodeId, primary: NodeId | null): void {
  const { state } = step;
  const last = lastOf(state);
  send(step, from, { kind: 'heartbeat-reply', role: state.role, last, commit: placeAt(state, state.commit) });
  // It is back: no need to wait for the next heartbeat to know more.
  if (!peerOf(state, from).up) askAtOnce(step, from);
  // Nor to hear of another primary from itself.
  if (primary !== null && primary !== state.primary) askAtOnce(step, primary);
}

export function onHeartbeatReply(step: Step, from: NodeId, message: HeartbeatReply): void {
  const { state } = step;
  takeNews(step, from, message);
  setTimer(step, `heartbeat-${from}`, intervalOf(state));
  if (message.role === 'primary' && message.term === state.term) hearPrimary(step, from);
  else if (state.primary === from) state.primary = null;
  learnCommit(step, message.commit);
}

/** The member's process died, or it has not answered for too long. */
export function lose(step: Step, node: NodeId, why: string): void {
  const { state } = step;
  const peer = state.peers[node];
  if (peer === undefined) return;
  peer.unanswered = null;
  peer.updated = true;
  if (state.primary === node) state.primary = null;
  if (state.source === node) leaveSource(step);
  if (!peer.up) return;
  peer.up = false;
  mark(step, 'suspect', `${state.self} takes ${node} for down: ${why}`);
}

function askAtOnce(step: Step, node: NodeId): void {
  if (step.state.peers[node]?.unanswered === null) askForNews(step, node);
}

function takeNews(step: Step, from: NodeId, message: HeartbeatReply): void {
  const { state } = step;
  const peer = peerOf(state, from);
  if (peer.unanswered !== null) {
    // The clock may have been set in between.
    const roundTrip = Math.max(0, step.now - peer.askedAt);
    peer.ping = peer.ping === null ? roundTrip : Math.floor((4 * peer.ping + roundTrip) / 5);
  }
  if (!peer.up && peer.role !== null) mark(step, 'trust', `${state.self} hears ${from} again`);
  peer.up = true;
  peer.updated = true;
  peer.unanswered = null;
  peer.silence = 0;
  peer.role = message.role;
  // What was rolled back is gone; otherwise this may be older than what came by way of others.
  if (message.role === 'rollback' || compare(message.last, peer.at) > 0) {
    peer.at = message.last;
    step.moved = true;
  }
  delete state.avoided[from];
}

function intervalOf(state: MemberState): number {
  return Math.min(INTERVAL_MS, Math.floor(state.knobs.electionTimeoutMillis / 2));
}

function peerOf(state: MemberState, node: NodeId): Peer {
  const peer = state.peers[node];
  assert(peer !== undefined, `${state.self} hears of ${node}, which is no other member`);
  return peer;
}
