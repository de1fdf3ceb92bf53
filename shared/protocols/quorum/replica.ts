import { unreachable } from '../../base/assert.ts';
import { below } from '../../base/random.ts';
import { lookUp } from '../../base/table.ts';
import type { NodeId } from '../../sim/operation.ts';
import type { Config, Input, Output, Protocol } from '../../sim/protocol.ts';
import { onAntiEntropy, onLeaves, onTree } from './anti-entropy.ts';
import { ANTI_ENTROPY } from './constants.ts';
import { describeMessage, describeState } from './describe.ts';
import { clear, keepTicking } from './detector.ts';
import { onForward, onForwardWait, onOutcome, onTaken, routePut } from './forward.ts';
import { onGetWait, onGot, startGet } from './get.ts';
import { handOff, hasCares, onHandOff, onHandOffOk, onTick } from './hints.ts';
import { changeMembers, drawRing, isMember, keepGossiping, onChanges, onGossip } from './membership.ts';
import { onPut, onPutOk, onPutWait } from './put.ts';
import { dropHint, held, keep } from './storage.ts';
import { persist, REFUSED, send, setTimer, tell, type Turn } from './turn.ts';
import type { Durable, Message, QuorumKnobs, QuorumShape, QuorumState, Request, Timer } from './types.ts';
import { view } from './view.ts';

/**
 * A ring of equal replicas with N copies of each key, read and write quorums R and W, and version vectors:
 * Dynamo, after DeCandia et al., "Dynamo: Amazon's Highly Available Key-value Store", SOSP 2007.
 *
 * The lesson: a write is never turned away while W nodes can be found, whoever they are, so both sides of a
 * partition go on and disagree. The versions know that they are concurrent; merging them is the reader's job.
 */
export const quorum: Protocol<QuorumShape> = {
  name: 'quorum',
  channel: 'stream',
  connections: false,
  init,
  step,
  durable: (state) => state.durable,
  view,
  describeMessage,
  describeState,
};

function init(config: Config<QuorumKnobs>, durable: Durable | null): QuorumState {
  const { members, nodes } = config;
  const state: QuorumState = {
    self: config.self,
    nodes,
    ...(members.length === nodes.length ? {} : { members }),
    knobs: config.knobs,
    incarnation: config.incarnation,
    durable: durable ?? emptyDisk(config),
    work: {},
    started: 0,
    down: {},
    unanswered: {},
    probed: '',
    ticking: false,
  };
  if (state.durable.changes !== undefined) drawRing(state);
  return state;
}

/**
 * The node's name is also the name under which it counts its writes, until it loses its disk: the count is gone
 * then, and numbers that others know would be given out again. So an empty disk found at a later start counts
 * under a name of its own, `n1#2`.
 */
function emptyDisk({ self, incarnation }: Config<QuorumKnobs>): Durable {
  const writer = incarnation > 1 ? `${self}#${incarnation}` : self;
  return { writer, counters: {}, data: {}, hints: {} };
}

function step(
  state: QuorumState,
  input: Input<QuorumShape>,
  ambient: { now: number; random: number },
): Output<QuorumShape>[] {
  const turn: Turn = { state, now: ambient.now, random: ambient.random, outputs: [] };
  switch (input.kind) {
    case 'start':
      persist(turn);
      setTimer(turn, 'anti-entropy', 1 + below(turn.random, ANTI_ENTROPY));
      if (hasCares(state)) keepTicking(turn);
      keepGossiping(turn);
      break;
    case 'message':
      if (isAnswer(input.message) && clear(state, input.from)) handOff(turn, input.from);
      onMessage(turn, input.from, input.message);
      break;
    case 'timer':
      onTimer(turn, input.timer);
      break;
    case 'request':
      onRequest(turn, input.from, input.id, input.request);
      break;
    case 'disconnected':
      break;
    default:
      unreachable(input);
  }
  return turn.outputs;
}

function onRequest(turn: Turn, node: NodeId, id: number, request: Request): void {
  const asker = { kind: 'driver', node, id, doubtful: false } as const;
  if (!isMember(turn.state)) tell(turn, asker, { kind: 'refused', class: 'fail', error: REFUSED });
  else if (request.kind === 'change') tell(turn, asker, changeMembers(turn, request.node, request.joins));
  else if (request.kind === 'get') startGet(turn, asker, request.key);
  else routePut(turn, asker, request);
}

function onTimer(turn: Turn, timer: Timer): void {
  if (timer === 'tick') onTick(turn);
  else if (timer === 'anti-entropy') onAntiEntropy(turn);
  else if (timer === 'gossip') onGossip(turn);
  else onWait(turn, timer.slice('wait-'.length));
}

function onWait(turn: Turn, id: string): void {
  const work = lookUp(turn.state.work, id);
  if (work === undefined) return;
  switch (work.kind) {
    case 'put':
      onPutWait(turn, work);
      return;
    case 'get':
      onGetWait(turn, work);
      return;
    case 'forward':
      onForwardWait(turn, work);
      return;
    default:
      unreachable(work);
  }
}

function onMessage(turn: Turn, from: NodeId, message: Message): void {
  const { state } = turn;
  switch (message.kind) {
    case 'put':
      onPut(turn, message.key, message.version, message.standInFor);
      send(turn, from, { kind: 'put-ok', id: message.id, key: message.key });
      return;
    case 'get':
      send(turn, from, { kind: 'got', id: message.id, key: message.key, versions: held(state, message.key) });
      return;
    case 'forward':
      onForward(turn, from, message.id, message.put);
      return;
    case 'put-ok':
    case 'got':
    case 'taken':
    case 'outcome':
      onAnswer(turn, from, message);
      return;
    case 'repair':
      keep(turn, message.key, message.versions, null);
      return;
    case 'hand-off':
      onHandOff(turn, from, message.key, message.versions);
      return;
    case 'hand-off-ok':
      onHandOffOk(turn, from, message.key, message.label);
      return;
    case 'drop-hint':
      dropHint(turn, message.owner, message.key, message.label);
      return;
    case 'changes':
      onChanges(turn, from, message.changes, message.answer);
      return;
    case 'ping':
      send(turn, from, { kind: 'pong' });
      return;
    case 'pong':
      return;
    case 'tree':
      onTree(turn, from, message.level, message.hashes);
      return;
    case 'leaves':
      onLeaves(turn, from, message.buckets, message.entries, message.answer);
      return;
    default:
      unreachable(message);
  }
}

type Answer = Extract<Message, { kind: 'put-ok' | 'got' | 'taken' | 'outcome' }>;

/** Answers to work that has ended, or that was begun before a crash, find nothing. */
function onAnswer(turn: Turn, from: NodeId, answer: Answer): void {
  const work = lookUp(turn.state.work, answer.id);
  if (answer.kind === 'put-ok' && work?.kind === 'put') onPutOk(turn, from, work);
  if (answer.kind === 'got' && work?.kind === 'get') onGot(turn, from, work, answer.versions);
  if (answer.kind === 'taken' && work?.kind === 'forward') onTaken(turn, from, work);
  if (answer.kind === 'outcome' && work?.kind === 'forward') onOutcome(turn, from, work, answer.reply);
}

/** Whether a message shows that the sender hears this node: it is said only in return. */
function isAnswer(message: Message): boolean {
  switch (message.kind) {
    case 'put-ok':
    case 'got':
    case 'taken':
    case 'outcome':
    case 'hand-off-ok':
    case 'pong':
    case 'leaves':
      return true;
    case 'tree':
      return message.level > 0;
    case 'changes':
      return message.answer;
    case 'put':
    case 'get':
    case 'forward':
    case 'repair':
    case 'hand-off':
    case 'drop-hint':
    case 'ping':
      return false;
    default:
      return unreachable(message);
  }
}
