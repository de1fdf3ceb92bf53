import { unreachable } from '../../../base/assert.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { accept, closed, openEnd, push, type Frame } from '../../connection.ts';
import { admit, applyUpTo, completeRequest } from './clients.ts';
import { append, lastZxid, takeHistory } from './log.ts';
import { cancelTimer, mark, save, send, setTimer, type Step } from './step.ts';
import type { Following, LeaderBody, LearnerBody } from './types.ts';
import { makeZxid } from './zxid.ts';

/** Learner.connectToLeader: how often a leader that does not listen yet is tried, and every how many milliseconds. */
const ATTEMPTS_MAX = 5;
const RETRY_AFTER = 100;

/** Ids of connections and sessions carry the incarnation, so that a restart uses none again. */
const IDS_PER_INCARNATION = 1_000_000;

/** Follows an elected leader: connects, takes over its history, then logs and acknowledges what it proposes. */
export function startFollowing(step: Step, leader: NodeId): void {
  step.state.role = {
    kind: 'following',
    leader,
    end: openEnd(0),
    attempts: 0,
    phase: 'connect',
    history: 0,
    touched: [],
  };
  connect(step);
}

/** Opens a connection, at first or again. */
export function connect(step: Step): void {
  const { state } = step;
  const { role } = state;
  if (role.kind !== 'following' || role.phase !== 'connect') return;
  role.attempts++;
  role.end = openEnd(state.incarnation * IDS_PER_INCARNATION + ++state.opened);
  listen(step, role);
  tellLeader(step, role, { kind: 'follower-info', acceptedEpoch: state.acceptedEpoch });
}

/** The leader's process or connection is gone, or does not take ours yet. */
export function onLeaderGone(step: Step): void {
  const { role } = step.state;
  if (role.kind !== 'following') return;
  if (role.phase === 'connect' && role.attempts < ATTEMPTS_MAX) setTimer(step, 'connect', RETRY_AFTER);
  else step.quit = `the connection to ${role.leader} is closed`;
}

/** Nothing was heard from the leader within its limit. */
export function onSilence(step: Step): void {
  const { role } = step.state;
  if (role.kind === 'following') step.quit = `${role.leader} is silent`;
}

/** Ends the connection on this side; the leader is told, as the operating system does when a socket is closed. */
export function leaveLeader(step: Step, role: Following): void {
  cancelTimer(step, 'silence');
  cancelTimer(step, 'connect');
  send(step, role.leader, { kind: 'frame', toward: 'leader', frame: closed(role.end.connection) });
}

export function onLeaderFrame(step: Step, from: NodeId, frame: Frame<LeaderBody>): void {
  const { role } = step.state;
  if (role.kind !== 'following' || role.leader !== from || role.end.connection !== frame.connection) {
    if (frame.kind === 'closed') return;
    send(step, from, { kind: 'frame', toward: 'leader', frame: closed(frame.connection) });
    return;
  }
  if (frame.kind === 'closed') {
    onLeaderGone(step);
    return;
  }
  const { body, answers } = accept(role.end, frame);
  for (const answer of answers) send(step, from, { kind: 'frame', toward: 'leader', frame: answer });
  if (body !== null) onLeaderBody(step, role, body);
  if (frame.kind === 'ping') answerPing(step, role);
  listen(step, role);
}

/** To the leader of this follower. */
export function tellLeader(step: Step, role: Following, body: LearnerBody): void {
  send(step, role.leader, { kind: 'frame', toward: 'leader', frame: push(role.end, body) });
}

function onLeaderBody(step: Step, role: Following, body: LeaderBody): void {
  const { state } = step;
  switch (body.kind) {
    case 'leader-info':
      onLeaderInfo(step, role, body.epoch);
      return;
    case 'new-leader':
      takeHistory(step, body);
      state.currentEpoch = body.epoch;
      state.vote = { ...state.vote, epoch: body.epoch };
      role.phase = 'wait';
      role.history = lastZxid(state);
      tellLeader(step, role, { kind: 'ack', zxid: makeZxid(body.epoch, 0) });
      return;
    case 'up-to-date':
      role.phase = 'serve';
      applyUpTo(step, role.history);
      mark(step, 'role', `${state.self} follows ${role.leader} in epoch ${state.currentEpoch}`);
      return;
    case 'proposal':
      append(step, body.transaction);
      tellLeader(step, role, { kind: 'ack', zxid: body.transaction.zxid });
      return;
    case 'commit':
      applyUpTo(step, body.zxid);
      return;
    case 'synced':
      completeRequest(step, body.connection, body.xid, { kind: 'synced' });
      return;
    case 'revalidated':
      admit(step, body.connection, body.session, body.valid);
      return;
    default:
      unreachable(body);
  }
}

function onLeaderInfo(step: Step, role: Following, epoch: number): void {
  const { state } = step;
  if (epoch < state.acceptedEpoch) {
    step.quit = `epoch ${epoch} of ${role.leader} is older than ${state.acceptedEpoch}, which was accepted`;
    return;
  }
  const isNew = epoch > state.acceptedEpoch;
  if (isNew) {
    state.acceptedEpoch = epoch;
    save(step);
  }
  role.phase = 'sync';
  tellLeader(step, role, {
    kind: 'ack-epoch',
    currentEpoch: isNew ? state.currentEpoch : null,
    zxid: lastZxid(state),
  });
}

function answerPing(step: Step, role: Following): void {
  const { connection, sent, received } = role.end;
  send(step, role.leader, { kind: 'touched', connection, sent, received, sessions: role.touched });
  role.touched = [];
}

/** The socket's timeout begins anew: initLimit until the history is there, then syncLimit. */
function listen(step: Step, role: Following): void {
  if (step.quit !== null) return;
  const { tickTime, initLimit, syncLimit } = step.state.knobs;
  const ticks = role.phase === 'connect' || role.phase === 'sync' ? initLimit : syncLimit;
  setTimer(step, 'silence', ticks * tickTime);
}
