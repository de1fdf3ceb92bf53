import { unreachable } from '../../../base/assert.ts';
import { freeze } from '../../../base/json.ts';
import type { NodeId } from '../../../sim/operation.ts';
import type { Ambient, Input, Output, Protocol } from '../../../sim/protocol.ts';
import { checkCatchUp, endCatchUp, onNoopTimer } from './catch-up.ts';
import { recount } from './commit.ts';
import { priorityOf } from './config.ts';
import { describeMessage, describeState, view } from './describe.ts';
import { considerTakeover, onElectionTimer, onRequestVotes, onTakeoverTimer, onVote } from './election.ts';
import { resetElectionTimer } from './election-timer.ts';
import {
  answerAwaiting,
  keepPulling,
  onAwaitTimer,
  onBatch,
  onFetch,
  onNoSource,
  repeatFetch,
} from './fetch.ts';
import {
  askForNews,
  lose,
  onHeartbeat,
  onHeartbeatReply,
  onHeartbeatTimer,
  onStranger,
} from './heartbeat.ts';
import { announce, onHello, onHelloTimer, standing } from './hello.ts';
import { installNewer } from './install.ts';
import type { Message } from './messages.ts';
import { onPositions, reportPositions } from './positions.ts';
import { checkMajority, meetTerm } from './primary.ts';
import { checkReaders, onFind, onReadTimer } from './reads.ts';
import { advanceReconfig, onReconfig } from './reconfig.ts';
import type { Request } from './requests.ts';
import { onDiverged, Unrecoverable } from './rollback.ts';
import { init } from './state.ts';
import { createStep, outputsOf, setTimer, type Step } from './step.ts';
import { avoidSource } from './sync-source.ts';
import type { MemberState, MongoDb, MongoTimer } from './types.ts';
import { checkWaiters, onWaitTimer } from './write-concern.ts';
import { onWrite } from './writes.ts';

/** How long after its start the first member of a new set asks for votes: rs.initiate(), then rs.stepUp(). */
const INITIATE_MS = 500;

/**
 * A MongoDB replica set, protocol version 1 (src/mongo/db/repl/README.md of its source): Raft with a pulled log.
 * Secondaries tail the oplog of the primary or of each other; a primary applies a write before anybody else has
 * it. How much of that a client waits for is the client's choice, and that is the lesson: what was acknowledged
 * by the primary alone is rolled back when another primary has been elected meanwhile.
 */
export const replicaSet: Protocol<MongoDb> = {
  name: 'mongodb',
  channel: 'stream',
  connections: true,
  init,
  step,
  durable: ({ vote, log, commit, rollbackFiles, set }) => ({
    vote,
    log,
    commit,
    rollbackFiles,
    ...(set.place === undefined ? {} : { set }),
  }),
  freeze: ({ log }) => log.forEach(freeze),
  view,
  describeMessage,
  describeState,
};

function step(state: MemberState, input: Input<MongoDb>, ambient: Ambient): Output<MongoDb>[] {
  if (state.role === 'outside') return [];
  const before = standing(state);
  const step = createStep(state, ambient);
  try {
    take(step, input);
    advance(step);
  } catch (error) {
    if (error instanceof Unrecoverable) return [{ kind: 'halt', reason: error.message }];
    throw error;
  }
  announce(step, before);
  return outputsOf(step);
}

function take(step: Step, input: Input<MongoDb>): void {
  switch (input.kind) {
    case 'start':
      onStart(step);
      break;
    case 'message':
      onMessage(step, input.from, input.message);
      break;
    case 'timer':
      onTimer(step, input.timer);
      break;
    case 'request':
      onRequest(step, input.from, input.id, input.request);
      break;
    case 'disconnected':
      lose(step, input.from, 'its connections were reset');
      break;
    default:
      unreachable(input);
  }
}

/** What follows from what the step has changed, in the order in which one thing leads to the next. */
function advance(step: Step): void {
  const { state } = step;
  checkMajority(step);
  checkCatchUp(step);
  considerTakeover(step);
  if (step.moved || step.grown) recount(step);
  keepPulling(step);
  if (step.moved) reportPositions(step);
  if (step.grown) {
    answerAwaiting(step);
    checkReaders(step);
  }
  if (state.role === 'primary' && (step.moved || step.grown)) checkWaiters(step);
  advanceReconfig(step);
}

/**
 * A set of one elects itself at once; others wait for news of a primary first. A new set has none to wait for:
 * there whoever made it asks to be elected as soon as it has heard the others.
 */
function onStart(step: Step): void {
  const { state } = step;
  for (const other of state.others) askForNews(step, other);
  if (state.role === 'removed') return;
  if (state.others.length === 0) onElectionTimer(step);
  else resetElectionTimer(step);
  if (isInitiator(state)) setTimer(step, 'election', INITIATE_MS);
}

function isInitiator({ self, set, knobs, incarnation, others }: MemberState): boolean {
  const first = set.voters.find((voter) => priorityOf(set, knobs, voter) > 0);
  return incarnation === 1 && self === first && others.length > 0;
}

function onMessage(step: Step, from: NodeId, message: Message): void {
  if (step.state.peers[from] === undefined) {
    const set = onStranger(step, from, message);
    if (set !== null) installNewer(step, set);
    return;
  }
  meetTerm(step, from, message.term);
  switch (message.kind) {
    case 'heartbeat':
      onHeartbeat(step, from, message);
      return;
    case 'heartbeat-reply':
      if (message.set !== undefined) installNewer(step, message.set);
      if (step.state.peers[from] === undefined) return;
      onHeartbeatReply(step, from, message);
      repeatFetch(step, from);
      return;
    case 'request-votes':
      onRequestVotes(step, from, message);
      return;
    case 'vote':
      onVote(step, from, message);
      return;
    case 'fetch':
      onFetch(step, from, message);
      return;
    case 'batch':
      onBatch(step, from, message);
      return;
    case 'no-source':
      onNoSource(step, from);
      return;
    case 'diverged':
      onDiverged(step, from, message.common);
      return;
    case 'positions':
      onPositions(step, message.positions);
      return;
    default:
      unreachable(message);
  }
}

function onTimer(step: Step, timer: MongoTimer): void {
  switch (timer) {
    case 'election':
      onElectionTimer(step);
      return;
    case 'takeover':
      onTakeoverTimer(step);
      return;
    case 'catch-up':
      endCatchUp(step);
      return;
    case 'fetch':
      avoidSource(step);
      return;
    case 'keepalive':
      reportPositions(step);
      return;
    case 'noop':
      onNoopTimer(step);
      return;
    default:
      onNumberedTimer(step, timer);
  }
}

/** Timers of which there is one for each member, driver or waiting client. */
function onNumberedTimer(step: Step, timer: string): void {
  const at = timer.indexOf('-');
  const name = timer.slice(at + 1);
  switch (timer.slice(0, at)) {
    case 'heartbeat':
      onHeartbeatTimer(step, name);
      break;
    case 'await':
      onAwaitTimer(step, name);
      break;
    case 'hello':
      onHelloTimer(step, name);
      break;
    case 'wait':
      onWaitTimer(step, Number(name));
      onReadTimer(step, Number(name));
      break;
  }
}

function onRequest(step: Step, from: NodeId, id: number, request: Request): void {
  switch (request.kind) {
    case 'hello':
      onHello(step, from, id, request.known);
      return;
    case 'find':
      onFind(step, from, id, request);
      return;
    case 'write':
      onWrite(step, from, id, request);
      return;
    case 'reconfig':
      onReconfig(step, from, id, request);
      return;
    default:
      unreachable(request);
  }
}
