import { assert } from '../../../base/assert.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { learnCommit } from './commit.ts';
import { comparePlaces, placeOf, type ConfigPlace, type ReplicaSet } from './config.ts';
import { hearPrimary } from './election-timer.ts';
import type { Message } from './messages.ts';
import { compare, lastOf, placeAt } from './oplog.ts';
import { mark, send, setTimer, type Step } from './step.ts';
import { leaveSource } from './sync-source.ts';
import type { MemberState, Peer } from './types.ts';

type Heartbeat = Extract<Message, { kind: 'heartbeat' }>;
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
  send(step, to, { kind: 'heartbeat', primary: step.state.primary, ...configIn(step.state) });
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

export function onHeartbeat(step: Step, from: NodeId, message: Heartbeat): void {
  const { state } = step;
  const { primary } = message;
  answer(step, from, message);
  if (message.config !== undefined) peerOf(state, from).config = message.config;
  // It has a newer configuration: to be asked for.
  if (isNewer(message.config, state)) askForNews(step, from);
  // It is back: no need to wait for the next heartbeat to know more.
  if (!peerOf(state, from).up) askAtOnce(step, from);
  // Nor to hear of another primary from itself.
  if (primary !== null && primary !== state.primary) askAtOnce(step, primary);
}

/** Somebody who is no member here asks, or answers: one of the two has a newer configuration, and the other gets it. */
export function onStranger(step: Step, from: NodeId, message: Message): ReplicaSet | null {
  const { state } = step;
  if (message.kind === 'heartbeat-reply') return message.set ?? null;
  if (message.kind !== 'heartbeat') return null;
  answer(step, from, message);
  if (isNewer(message.config, state))
    send(step, from, { kind: 'heartbeat', primary: null, ...configIn(state) });
  return null;
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

function answer(step: Step, to: NodeId, { config }: Heartbeat): void {
  const { state } = step;
  const { set } = state;
  // A member that tells of no configuration has the first one.
  const lacks = set.place !== undefined && (config === undefined || comparePlaces(config, set.place) < 0);
  send(step, to, {
    kind: 'heartbeat-reply',
    role: state.role,
    last: lastOf(state),
    commit: placeAt(state, state.commit),
    ...configIn(state),
    ...(lacks ? { set } : {}),
  });
}

function configIn({ set }: MemberState): { config?: ConfigPlace } {
  return set.place === undefined ? {} : { config: set.place };
}

function isNewer(config: ConfigPlace | undefined, state: MemberState): boolean {
  return config !== undefined && comparePlaces(config, placeOf(state)) > 0;
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
  if (message.config !== undefined) peer.config = message.config;
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
