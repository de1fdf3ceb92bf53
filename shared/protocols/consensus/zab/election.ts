import { keysOf, lookUp, type Table } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { currentVoters, isFixed, isQuorum, isVoter, mayLead } from './configuration.ts';
import { cancelTimer, save, send, setTimer, type Step } from './step.ts';
import { lastZxid } from './log.ts';
import type { Looking, Notification, ReceivedVote, Vote, ZabState } from './types.ts';

/** zookeeper.fastleader.minNotificationInterval, which is also the wait for a better vote, and the maximum. */
const WAIT_MIN = 200;
const WAIT_MAX = 60_000;

/** A peer's send queue holds one vote, and a newer one takes its place (QuorumCnxManager): votes of a moment are told once. */
const HAND_OVER = 1;

/** How long a server is without a leader before it serves reads alone: a tick, but two seconds at least. */
const READ_ONLY_AFTER_MIN = 2000;

/** Begins an election: the server votes for itself and tells everybody (FastLeaderElection.lookForLeader). */
export function startElection(step: Step): void {
  const { state } = step;
  const own = voteFor(state);
  state.round++;
  state.role = {
    kind: 'looking',
    own,
    vote: own,
    received: {},
    settled: {},
    patience: WAIT_MIN,
    finalizing: false,
    readOnly: false,
    telling: false,
  };
  const { tickTime, readOnlyMode } = state.knobs;
  if (readOnlyMode) setTimer(step, 'read-only', Math.max(READ_ONLY_AFTER_MIN, tickTime));
  setTimer(step, 'notify', WAIT_MIN);
  notifyAll(step, state.role);
  weigh(step, state.role);
}

/** What a server votes for at first: itself. */
function voteFor(state: ZabState): Vote {
  const { self, nodes, currentEpoch } = state;
  // Any vote is better.
  if (!mayLead(state, self)) return { leader: self, sid: -1, zxid: -1, epoch: -1 };
  return { leader: self, sid: nodes.indexOf(self) + 1, zxid: lastZxid(state), epoch: currentEpoch };
}

/** Nobody has said anything for a while: the vote is told again, and the next wait is twice as long. */
export function onNotifyTimer(step: Step): void {
  const { role } = step.state;
  if (role.kind !== 'looking') return;
  role.patience = Math.min(2 * role.patience, WAIT_MAX);
  setTimer(step, 'notify', role.patience);
  notifyAll(step, role);
}

/** The vote has changed, and whoever sends gets to it: only its latest state is told. */
export function onTellTimer(step: Step): void {
  const { role } = step.state;
  if (role.kind === 'looking') notifyAll(step, role);
}

/** No better vote came while a quorum agreed: the leader that was elected; null where that is no longer so. */
export function onFinalizeTimer(step: Step): NodeId | null {
  const { role } = step.state;
  if (role.kind !== 'looking' || !role.finalizing) return null;
  return conclude(step, role.vote);
}

/** Takes a vote. Returns the leader that is thereby found: one whom a quorum follows already. */
export function onNotification(step: Step, from: NodeId, message: Notification): NodeId | null {
  const { state } = step;
  const { role } = state;
  if (role.kind !== 'looking') {
    if (message.state === 'looking') notify(step, from, state.vote);
    return null;
  }
  const { configuration } = message;
  if (configuration !== undefined && configuration.zxid > currentVoters(state).zxid) {
    // Others vote now than this server knows: its election begins anew (FastLeaderElection.WorkerReceiver).
    state.inForce = configuration;
    save(step);
    startElection(step);
    return null;
  }
  if (!isVoter(state, from)) {
    // What it votes for does not count; that it looks for a leader does.
    if (message.state === 'looking') answerLooking(step, role, from, message);
    return null;
  }
  setTimer(step, 'notify', role.patience);
  if (message.state === 'looking' && message.round < state.round) {
    answerLooking(step, role, from, message);
    return null;
  }
  // The sender knows a later configuration; what it has logged alone binds nobody.
  if (!isVoter(state, message.vote.leader)) return null;
  if (message.state !== 'looking') return onSettledVote(step, role, from, message);
  onLookingVote(step, role, from, message);
  return null;
}

function onLookingVote(step: Step, role: Looking, from: NodeId, message: Notification): void {
  const { state } = step;
  const isNewRound = message.round > state.round;
  if (isNewRound) {
    state.round = message.round;
    for (const name of keysOf(role.received)) delete role.received[name];
  }
  const standard = isNewRound ? role.own : role.vote;
  const vote = isBetter(message.vote, standard) ? message.vote : standard;
  const isNews = isNewRound || vote !== role.vote;
  if (isNews) {
    role.vote = vote;
    role.finalizing = false;
    cancelTimer(step, 'finalize');
    if (!role.telling) setTimer(step, 'tell', HAND_OVER);
    role.telling = true;
  }
  role.received[from] = { vote: message.vote, round: message.round, state: 'looking' };
  // Nobody else's vote brings this one closer to a quorum.
  if (isNews || message.vote.sid === role.vote.sid) weigh(step, role);
}

/** Once a quorum has this vote, only a better one is awaited. */
function weigh(step: Step, role: Looking): void {
  const { state } = step;
  if (role.finalizing) return;
  const proposal: ReceivedVote = { vote: role.vote, round: state.round, state: 'looking' };
  if (!isQuorum(state, (node) => node === state.self || agrees(role.received, node, proposal))) return;
  role.finalizing = true;
  setTimer(step, 'finalize', WAIT_MIN);
}

/** A server that has a leader. It is joined when a quorum says the same, and the leader itself does. */
function onSettledVote(step: Step, role: Looking, from: NodeId, message: Notification): NodeId | null {
  const { state } = step;
  const { vote, round } = message;
  const received: ReceivedVote = { vote, round, state: message.state };
  if (round === state.round) {
    role.received[from] = received;
    if (isLed(state, role.received, received)) return conclude(step, vote);
  }
  role.settled[from] = received;
  if (!isLed(state, role.settled, received)) return null;
  state.round = round;
  return conclude(step, vote);
}

function isLed(state: ZabState, votes: Table<ReceivedVote>, received: ReceivedVote): boolean {
  const { leader } = received.vote;
  if (!isQuorum(state, (node) => agrees(votes, node, received))) return false;
  return leader === state.self ? received.round === state.round : votes[leader]?.state === 'leading';
}

function agrees(votes: Table<ReceivedVote>, node: NodeId, wanted: ReceivedVote): boolean {
  const given = lookUp(votes, node);
  return given !== undefined && isSame(given, wanted);
}

/** Of servers that have a leader, zxid and round may differ: they joined at different times. */
function isSame(a: ReceivedVote, b: ReceivedVote): boolean {
  if (a.vote.leader !== b.vote.leader || a.vote.epoch !== b.vote.epoch) return false;
  if (a.state !== 'looking' && b.state !== 'looking') return true;
  return a.vote.zxid === b.vote.zxid && a.round === b.round;
}

/** FastLeaderElection.totalOrderPredicate. */
function isBetter(a: Vote, b: Vote): boolean {
  if (a.epoch !== b.epoch) return a.epoch > b.epoch;
  if (a.zxid !== b.zxid) return a.zxid > b.zxid;
  return a.sid > b.sid;
}

function conclude(step: Step, vote: Vote): NodeId {
  step.state.vote = vote;
  for (const timer of ['notify', 'tell', 'finalize', 'read-only'] as const) cancelTimer(step, timer);
  return vote.leader;
}

function notifyAll(step: Step, role: Looking): void {
  role.telling = false;
  const { state } = step;
  const { others } = state;
  const message = notificationOf(state, role.vote);
  for (const other of others) if (isVoter(state, other)) send(step, other, message);
}

/** Two that do not count each other's votes the same would answer each other for ever: an answer is not answered. */
function answerLooking(step: Step, role: Looking, to: NodeId, { isAnswer }: Notification): void {
  if (isAnswer !== true) notify(step, to, role.vote);
}

function notify(step: Step, to: NodeId, vote: Vote): void {
  const message = notificationOf(step.state, vote);
  send(step, to, isFixed(step.state) ? message : { ...message, isAnswer: true });
}

function notificationOf(state: ZabState, vote: Vote): Notification {
  const { round, role } = state;
  const message: Notification = { kind: 'notification', vote, round, state: role.kind };
  return isFixed(state) ? message : { ...message, configuration: currentVoters(state) };
}
