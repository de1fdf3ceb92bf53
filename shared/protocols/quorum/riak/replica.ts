import { unreachable } from '../../../base/assert.ts';
import { below } from '../../../base/random.ts';
import { lookUp } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import type { Ambient, Config, Input, Output, Protocol } from '../../../sim/protocol.ts';
import { persist, send, setTimer } from '../../turn.ts';
import { onAdminRequest, onCall, onCalled } from './administration.ts';
import { onCallTimeout } from './calls.ts';
import { EXCHANGE } from './constants.ts';
import { describeMessage, describeState } from './describe.ts';
import { CONNECTION_REFUSED } from './errors.ts';
import { onExchange, onLeaves, onTree } from './exchange.ts';
import { onForward, onForwardTimeout, onOutcome, onTaken, routePut } from './forward.ts';
import { onGetTimeout, onGot, startGet } from './get.ts';
import { onGossip, onRing, startGossip } from './gossip.ts';
import { onHandoff, onHandoffCheck, onHandoffOk } from './handoff.ts';
import { hear, isUp, lose, onReconnect, onTick, startLiveness } from './liveness.ts';
import { isSpare, nextOwnerOf, peersOf } from './membership.ts';
import { onPutOk, onPutTimeout } from './put.ts';
import { hasTransfers } from './transfer.ts';
import { tell, type Turn } from './turn.ts';
import type {
  Durable,
  GetMessage,
  Message,
  PutMessage,
  RiakKnobs,
  RiakShape,
  RiakState,
  Request,
  Timer,
} from './types.ts';
import { view } from './view.ts';
import { absorb, carryOut, fallbacks, watchFallbacks } from './vnode.ts';

/**
 * Riak KV: Dynamo's ideas with virtual nodes. Facts: basho/riak_kv and riak_core source, basho_docs 2.2.3.
 *
 * The lesson: quorums count vnodes, not machines, so every side of a partition goes on, down to a single node;
 * what becomes of the conflict is the bucket's setting: siblings, the later clock, or a data type that merges.
 */
export const riakReplica: Protocol<RiakShape> = {
  name: 'riak',
  channel: 'stream',
  connections: true,
  init,
  step,
  durable: (state) => state.durable,
  view,
  describeMessage,
  describeState,
};

/** More than a node begins between two crashes. */
const WORK_PER_START = 1_000_000;

/** A cluster that is founded is connected; a node that comes back first has to connect. */
function init(config: Config<RiakKnobs>, durable: Durable | null): RiakState {
  const { self, nodes, members, knobs, incarnation } = config;
  const state: RiakState = {
    self,
    nodes,
    ...(members.length === nodes.length ? {} : { members }),
    knobs,
    durable: durable ?? emptyDisk(config),
    work: {},
    started: WORK_PER_START * Math.max(0, incarnation - 1),
    down: {},
    heard: null,
    silent: {},
    idle: {},
    handingOff: false,
  };
  if (incarnation > 1) for (const peer of peersOf(state)) state.down[peer] = 0;
  return state;
}

/** A disk that was lost counts under a name of its own, `n1#2`: what the old one had numbered is known to others. */
function emptyDisk({ self, incarnation }: Config<RiakKnobs>): Durable {
  return { writer: incarnation > 1 ? `${self}#${incarnation}` : self, epochs: {}, vnodes: {} };
}

function step(state: RiakState, input: Input<RiakShape>, { now, random }: Ambient): Output<RiakShape>[] {
  const turn: Turn = { state, now, random, outputs: [] };
  switch (input.kind) {
    case 'start':
      persist(turn);
      startLiveness(turn);
      setTimer(turn, 'exchange', 1 + below(random >>> 4, EXCHANGE));
      if (fallbacks(state).length > 0 || hasTransfers(state)) watchFallbacks(turn);
      startGossip(turn);
      break;
    case 'message':
      hearOut(turn, input.from, input.message);
      break;
    case 'timer':
      onTimer(turn, input.timer);
      break;
    case 'request':
      onRequest(turn, input.from, input.id, input.request);
      break;
    case 'disconnected':
      lose(turn, input.from);
      break;
    default:
      unreachable(input);
  }
  return turn.outputs;
}

function onRequest(turn: Turn, node: NodeId, id: number, request: Request): void {
  const asker = { kind: 'driver', node, id, doubtful: false } as const;
  if (request.kind === 'join' || request.kind === 'claim') onAdminRequest(turn, asker, request);
  else if (isSpare(turn.state)) tell(turn, asker, CONNECTION_REFUSED);
  else if (request.kind === 'get') startGet(turn, asker, request);
  else routePut(turn, asker, request);
}

function onTimer(turn: Turn, timer: Timer): void {
  switch (timer) {
    case 'tick':
      onTick(turn);
      return;
    case 'reconnect':
      onReconnect(turn);
      return;
    case 'handoff':
      onHandoffCheck(turn);
      return;
    case 'exchange':
      onExchange(turn);
      return;
    case 'gossip':
      onGossip(turn);
      return;
    default:
      onTimeout(turn, timer.slice('wait-'.length));
  }
}

function onTimeout(turn: Turn, id: string): void {
  const work = lookUp(turn.state.work, id);
  if (work === undefined) return;
  switch (work.kind) {
    case 'put':
      onPutTimeout(turn, work);
      return;
    case 'get':
      onGetTimeout(turn, work);
      return;
    case 'forward':
      onForwardTimeout(turn, work);
      return;
    case 'call':
      onCallTimeout(turn, work);
      return;
    default:
      unreachable(work);
  }
}

/**
 * Rings and what administrators call for are heard from anybody, because Erlang connects two nodes for a message;
 * a machine where Riak does not run hears nothing else.
 */
function hearOut(turn: Turn, from: NodeId, message: Message): void {
  const isOpen = message.kind === 'ring' || message.kind === 'call' || message.kind === 'called';
  const wasUp = isUp(turn.state, from);
  if (isOpen) onMessage(turn, from, message);
  const hasMet = wasUp && !isUp(turn.state, from);
  if (hasMet || isSpare(turn.state)) return;
  if (hear(turn, from, message) && !isOpen) onMessage(turn, from, message);
}

function onMessage(turn: Turn, from: NodeId, message: Message): void {
  switch (message.kind) {
    case 'put':
    case 'get': {
      const next = nextOwnerOf(turn.state, message.partition);
      if (next === undefined) onCommand(turn, from, message);
      else send(turn, next, { kind: 'passed', asker: from, message });
      return;
    }
    case 'passed':
      onCommand(turn, message.asker, message.message);
      return;
    case 'repair':
      absorb(turn, message.partition, message.key, message.entry);
      return;
    case 'forward':
      onForward(turn, from, message.id, message.put);
      return;
    case 'put-ok':
    case 'got':
    case 'taken':
    case 'outcome':
    case 'called':
      onAnswer(turn, from, message);
      return;
    case 'handoff':
      onHandoff(turn, from, message.partition, message.entries);
      return;
    case 'handoff-ok':
      onHandoffOk(turn, from, message.partition, message.labels);
      return;
    case 'tree':
      onTree(turn, from, message.yours, message.mine, message.level, message.hashes);
      return;
    case 'leaves':
      onLeaves(turn, from, message.yours, message.mine, message.buckets, message.entries, message.answer);
      return;
    case 'ring':
      onRing(turn, from, message.ring);
      return;
    case 'call':
      onCall(turn, from, message.id, message.call);
      return;
    case 'tick':
    case 'hello':
    case 'hello-ok':
    case 'connected':
      return;
    default:
      unreachable(message);
  }
}

/** A vnode of this node is asked to store or to read; whoever asked may be this node, when it was passed on. */
function onCommand(turn: Turn, asker: NodeId, message: PutMessage | GetMessage): void {
  const answer = carryOut(turn, message);
  if (asker === turn.state.self) onAnswer(turn, asker, answer);
  else send(turn, asker, answer);
}

type Answer = Extract<Message, { kind: 'put-ok' | 'got' | 'taken' | 'outcome' | 'called' }>;

/** Answers to work that has ended, or that was begun before a crash, find nothing. */
function onAnswer(turn: Turn, from: NodeId, answer: Answer): void {
  const work = lookUp(turn.state.work, answer.id);
  if (answer.kind === 'put-ok' && work?.kind === 'put') onPutOk(turn, answer.partition, work);
  if (answer.kind === 'got' && work?.kind === 'get') onGot(turn, answer.partition, work, answer.entry);
  if (answer.kind === 'taken' && work?.kind === 'forward') onTaken(turn, from, work);
  if (answer.kind === 'called' && work?.kind === 'call') onCalled(turn, work, answer.reply);
  if (answer.kind === 'outcome' && work?.kind === 'forward') onOutcome(turn, from, work, answer.reply);
}
