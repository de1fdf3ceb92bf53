import { unreachable } from '../../../base/assert.ts';
import { freeze } from '../../../base/json.ts';
import { keysOf } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import type { Ambient, Config, Input, Output, Protocol } from '../../../sim/protocol.ts';
import { closeClients } from './clients.ts';
import { describeMessage, describeState, view } from './describe.ts';
import { onFinalizeTimer, onNotification, onNotifyTimer, onTellTimer, startElection } from './election.ts';
import {
  dismissLearners,
  onInitTimer,
  onLearnerFrame,
  onLearnerGone,
  onTick,
  onTouched,
  startLeading,
} from './leader.ts';
import { connect, leaveLeader, onLeaderFrame, onLeaderGone, onSilence, startFollowing } from './learner.ts';
import { fastForward, noteConfiguration } from './log.ts';
import { drain, onRequest } from './server.ts';
import { createStep, finish, mark, type Step } from './step.ts';
import { createTree } from './tree.ts';
import type { Vote, Zab, ZabDurable, ZabKnobs, ZabMessage, ZabState, ZabTimer } from './types.ts';

/**
 * ZooKeeper's atomic broadcast (Junqueira, Reed, Serafini 2011) as ZooKeeper 3.9 runs it, with the server around
 * it: elections by the longest history, one leader that orders all changes, and reads from each server's memory.
 * A quorum decides on every change; what a server answers to a read may be old. That is the lesson.
 */
export const zab: Protocol<Zab> = {
  name: 'zab',
  channel: 'stream',
  connections: true,
  init,
  step,
  durable: ({ acceptedEpoch, currentEpoch, log, inForce }) => ({
    acceptedEpoch,
    currentEpoch,
    log,
    ...(inForce === undefined ? {} : { inForce }),
  }),
  freeze: ({ log }) => log.forEach(freeze),
  view,
  describeMessage,
  describeState,
};

function init(config: Config<ZabKnobs>, durable: ZabDurable | null): ZabState {
  const { self, nodes, members, knobs, incarnation } = config;
  const { tickTime, initLimit, syncLimit, readOnlyMode, reconfigEnabled } = knobs;
  const log = durable?.log ?? [];
  const nobody: Vote = { leader: self, sid: 0, zxid: 0, epoch: 0 };
  const state: ZabState = {
    self,
    nodes,
    others: nodes.filter((node) => node !== self),
    incarnation,
    knobs: {
      tickTime,
      initLimit,
      syncLimit,
      readOnlyMode,
      ...(reconfigEnabled === true ? { reconfigEnabled } : {}),
    },
    quorum: Math.floor(members.length / 2) + 1,
    ...(members.length === nodes.length ? {} : { configurations: [{ zxid: 0, voters: members }] }),
    ...(durable?.inForce === undefined ? {} : { inForce: durable.inForce }),
    acceptedEpoch: durable?.acceptedEpoch ?? 0,
    currentEpoch: durable?.currentEpoch ?? 0,
    log,
    applied: 0,
    tree: createTree(),
    role: {
      kind: 'looking',
      own: nobody,
      vote: nobody,
      received: {},
      settled: {},
      patience: 0,
      finalizing: false,
      readOnly: false,
      telling: false,
    },
    round: 0,
    vote: nobody,
    opened: 0,
    sessions: 0,
    accepted: {},
    clients: {},
  };
  log.forEach((transaction) => noteConfiguration(state, transaction));
  fastForward(state);
  return state;
}

function step(state: ZabState, input: Input<Zab>, ambient: Ambient): Output<Zab>[] {
  const step = createStep(state, ambient);
  take(step, input);
  while (step.quit !== null) lookForLeader(step, step.quit);
  for (const connection of step.released) drain(step, connection);
  return finish(step);
}

function take(step: Step, input: Input<Zab>): void {
  switch (input.kind) {
    case 'start':
      startElection(step);
      return;
    case 'message':
      onMessage(step, input.from, input.message);
      return;
    case 'timer':
      onTimer(step, input.timer);
      return;
    case 'request':
      onRequest(step, input.from, input.id, input.request);
      return;
    case 'disconnected':
      onDisconnected(step, input.from);
      return;
    default:
      unreachable(input);
  }
}

function onMessage(step: Step, from: NodeId, message: ZabMessage): void {
  switch (message.kind) {
    case 'notification':
      join(step, onNotification(step, from, message));
      return;
    case 'frame':
      if (message.toward === 'leader') onLearnerFrame(step, from, message.frame);
      else onLeaderFrame(step, from, message.frame);
      return;
    case 'touched':
      onTouched(step, from, message);
      return;
    default:
      unreachable(message);
  }
}

function onTimer(step: Step, timer: ZabTimer): void {
  const { role } = step.state;
  switch (timer) {
    case 'notify':
      onNotifyTimer(step);
      return;
    case 'tell':
      onTellTimer(step);
      return;
    case 'finalize':
      join(step, onFinalizeTimer(step));
      return;
    case 'tick':
      onTick(step);
      return;
    case 'init':
      onInitTimer(step);
      return;
    case 'silence':
      onSilence(step);
      return;
    case 'connect':
      connect(step);
      return;
    case 'read-only':
      if (role.kind !== 'looking') return;
      role.readOnly = true;
      mark(step, 'role', `${step.state.self} serves reads alone: it is read-only`);
      return;
  }
}

function onDisconnected(step: Step, from: NodeId): void {
  const { state } = step;
  for (const name of keysOf(state.clients))
    if (state.clients[name]?.node === from) delete state.clients[name];
  if (state.role.kind === 'following' && state.role.leader === from) onLeaderGone(step);
  onLearnerGone(step, from);
}

/** The election is over. Whoever read alone comes again. */
function join(step: Step, leader: NodeId | null): void {
  if (leader === null) return;
  closeClients(step);
  if (leader === step.state.self) startLeading(step);
  else startFollowing(step, leader);
}

/** Back to LOOKING: clients and peers lose their connections. All that is logged counts in the election. */
function lookForLeader(step: Step, reason: string): void {
  const { state } = step;
  step.quit = null;
  mark(step, 'role', `${state.self} looks for a leader: ${reason}`);
  if (state.role.kind === 'following') leaveLeader(step, state.role);
  else if (state.role.kind === 'leading') dismissLearners(step, state.role);
  closeClients(step);
  fastForward(state);
  startElection(step);
}
