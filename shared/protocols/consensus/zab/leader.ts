import { unreachable } from '../../../base/assert.ts';
import { keysOf, lookUp } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { commit, propose, sync } from './broadcast.ts';
import { accept, closed, ping, type Frame } from '../../connection.ts';
import { advance, onAckEpoch } from './discovery.ts';
import { haveQuorum } from './configuration.ts';
import {
  drop,
  dropSilent,
  halfTick,
  hear,
  isSynced,
  learnerOf,
  sendFrame,
  syncedWith,
  tell,
} from './learners.ts';
import { takeExpired, touchSession } from './sessions.ts';
import { cancelTimer, setTimer, type Step } from './step.ts';
import type { Leading, Learner, LearnerBody, ZabMessage } from './types.ts';

/** Leads (Leader.lead): first a quorum agrees on an epoch, then it has the leader's history, then all is open. */
export function startLeading(step: Step): void {
  const { state } = step;
  const { tickTime, initLimit } = state.knobs;
  state.role = {
    kind: 'leading',
    phase: 'discovery',
    epoch: 0,
    history: state.log.length,
    learners: {},
    ticks: 0,
    halfTick: false,
    counter: 0,
    expiries: {},
    syncs: [],
  };
  setTimer(step, 'init', initLimit * tickTime);
  advance(step, state.role);
}

export function onInitTimer(step: Step): void {
  const { role } = step.state;
  if (role.kind !== 'leading' || role.phase === 'serve') return;
  step.quit = `Waiting for a quorum of followers, only synced with sids: [ ${syncedWith(step, role)} ]`;
}

/** Half a tick: every learner is pinged; with each whole one the leader looks whether a quorum is with it. */
export function onTick(step: Step): void {
  const { state } = step;
  const { role } = state;
  if (role.kind !== 'leading') return;
  setTimer(step, 'tick', halfTick(step));
  role.halfTick = !role.halfTick;
  if (!role.halfTick) {
    role.ticks++;
    dropSilent(step, role);
    if (!haveQuorum(state, role, isSynced)) {
      step.quit = `Not sufficient followers synced, only synced with sids: [ ${syncedWith(step, role)} ]`;
      return;
    }
    for (const session of takeExpired(role)) propose(step, null, { kind: 'close-session', session });
  }
  for (const name of keysOf(role.learners)) {
    const learner = role.learners[name];
    if (learner !== undefined) sendFrame(step, name, ping(learner.end));
  }
}

export function onLearnerFrame(step: Step, from: NodeId, frame: Frame<LearnerBody>): void {
  const { role } = step.state;
  const learner = role.kind === 'leading' ? learnerOf(step, role, from, frame) : null;
  if (role.kind !== 'leading' || learner === null) {
    if (frame.kind !== 'closed') sendFrame(step, from, closed(frame.connection));
    return;
  }
  if (frame.kind === 'closed') {
    drop(step, role, from, 'closed its connection');
    return;
  }
  hear(step, role, learner);
  const { body, answers } = accept(learner.end, frame);
  for (const answer of answers) sendFrame(step, from, answer);
  if (body !== null) onLearnerBody(step, role, from, learner, body);
}

/** The answer to a ping. */
export function onTouched(step: Step, from: NodeId, message: ZabMessage & { kind: 'touched' }): void {
  const { connection, sent, received, sessions } = message;
  onLearnerFrame(step, from, { kind: 'ping', connection, sent, received });
  if (step.state.role.kind === 'leading') for (const session of sessions) touchSession(step.state, session);
}

export function onLearnerGone(step: Step, from: NodeId): void {
  const { role } = step.state;
  if (role.kind === 'leading' && lookUp(role.learners, from) !== undefined) {
    drop(step, role, from, 'is gone');
  }
}

/** Ends all connections: whoever follows learns at once that this server no longer leads. */
export function dismissLearners(step: Step, role: Leading): void {
  cancelTimer(step, 'tick');
  cancelTimer(step, 'init');
  for (const name of keysOf(role.learners)) {
    sendFrame(step, name, closed(role.learners[name]?.end.connection ?? 0));
  }
}

function onLearnerBody(step: Step, role: Leading, from: NodeId, learner: Learner, body: LearnerBody): void {
  const { state } = step;
  switch (body.kind) {
    case 'follower-info':
      if (role.phase !== 'discovery') tell(step, from, learner, { kind: 'leader-info', epoch: role.epoch });
      else advance(step, role);
      return;
    case 'ack-epoch':
      onAckEpoch(step, role, from, learner, body);
      return;
    case 'ack':
      onAck(step, role, from, learner, body.zxid);
      return;
    case 'request':
      propose(step, body.transaction.origin, body.transaction.change);
      return;
    case 'sync':
      sync(step, from, body.connection, body.xid);
      return;
    case 'revalidate': {
      const { connection, session } = body;
      const valid = lookUp(role.expiries, session) !== undefined;
      if (valid) touchSession(state, session);
      tell(step, from, learner, { kind: 'revalidated', connection, session, valid });
      return;
    }
    default:
      unreachable(body);
  }
}

function onAck(step: Step, role: Leading, from: NodeId, learner: Learner, zxid: number): void {
  learner.acknowledged = Math.max(learner.acknowledged, zxid);
  if (learner.phase !== 'sync') {
    commit(step, role);
    return;
  }
  learner.phase = 'synced';
  hear(step, role, learner);
  if (role.phase === 'sync') advance(step, role);
  else {
    tell(step, from, learner, { kind: 'up-to-date' });
    commit(step, role);
  }
}
