import { unreachable } from '../../../base/assert.ts';
import { keysOf } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import type { Config, Input, Output, Protocol } from '../../../sim/protocol.ts';
import { describeMessage, describeState, view } from './describe.ts';
import { beat, follow, lags, onCatchUp, onCopy, onStand, onVote, onWatch, watch } from './roles.ts';
import { isPrimary, mark, put, sameTerm, send, type Turn } from './turn.ts';
import type { Durable, Message, PrimaryKnobs, PrimaryShape, PrimaryState, Timer } from './types.ts';
import { onPrepare, onPrepared, onPrepareTimeout, onRequest } from './writes.ts';

/**
 * One primary and its replicas, as in the textbook's bank: the primary prepares a write at its replicas, commits
 * when enough have promised, and gives up otherwise. The lesson: safety takes three things together, promises of
 * enough replicas, a majority's choice of the one with the most data, and epochs that fence off the old primary.
 * Each can be left out.
 */
export const primary: Protocol<PrimaryShape> = {
  name: 'primary',
  channel: 'stream',
  connections: true,
  init: (config, durable) => init(config, config.nodes, durable),
  step,
  durable: (state) => state.durable,
  view,
  describeMessage,
  describeState,
};

/** A single copy at the first node, which all others ask. */
export const single: Protocol<PrimaryShape> = {
  ...primary,
  name: 'single',
  init: (config, durable) => {
    const knobs: PrimaryKnobs = {
      mode: 'asynchronous',
      acks: 0,
      failover: 'manual',
      majority: true,
      heartbeat: 200,
      failoverAfter: 5000,
      prepareTimeout: 1000,
    };
    return init({ ...config, knobs }, config.nodes.slice(0, 1), durable);
  },
};

function init(
  { self, nodes, knobs }: Config<PrimaryKnobs>,
  holders: readonly NodeId[],
  durable: Durable | null,
): PrimaryState {
  const term = { epoch: 1, primary: nodes[0] ?? self };
  return {
    self,
    nodes,
    holders,
    knobs,
    durable: durable ?? { term, votedEpoch: 1, history: term, changes: 0, data: {}, prepared: {} },
    heardAt: 0,
    replicas: {},
    pending: {},
    writes: 0,
    votes: null,
  };
}

function step(
  state: PrimaryState,
  input: Input<PrimaryShape>,
  ambient: { now: number; random: number },
): Output<PrimaryShape>[] {
  const turn: Turn = { state, now: ambient.now, random: ambient.random, outputs: [], isDirty: false };
  switch (input.kind) {
    case 'start':
      start(turn);
      break;
    case 'message':
      onMessage(turn, input.from, input.message);
      break;
    case 'timer':
      onTimer(turn, input.timer);
      break;
    case 'request':
      onRequest(turn, input.from, input.id, input.request);
      break;
    case 'disconnected':
      delete state.replicas[input.from];
      break;
    default:
      unreachable(input);
  }
  return turn.isDirty ? [{ kind: 'persist' }, ...turn.outputs] : turn.outputs;
}

function start(turn: Turn): void {
  const { state, now } = turn;
  turn.isDirty = true;
  state.heardAt = now;
  if (!isPrimary(state)) {
    watch(turn);
    return;
  }
  for (const node of state.holders) if (node !== state.self) state.replicas[node] = now;
  if (state.holders.length > 1) mark(turn, 'leader', 'is the primary');
  beat(turn);
}

function onTimer(turn: Turn, timer: Timer): void {
  if (timer === 'heartbeat') {
    if (isPrimary(turn.state)) beat(turn);
  } else if (timer === 'watch') onWatch(turn);
  else if (timer.startsWith('prepare-')) onPrepareTimeout(turn, Number(timer.slice('prepare-'.length)));
}

function onMessage(turn: Turn, from: NodeId, message: Message): void {
  if (message.kind === 'stand') onStand(turn, from, message);
  else if (message.kind === 'vote') onVote(turn, from, message.epoch);
  else if (message.kind === 'catch-up') {
    if (isPrimary(turn.state)) onCatchUp(turn, from);
  } else if (message.kind === 'heartbeat-ok' || message.kind === 'prepared') onAnswer(turn, from, message);
  else onOrder(turn, from, message);
}

/** A replica answers its primary; or says, to one that was replaced, in which term. */
function onAnswer(turn: Turn, from: NodeId, message: Message & { kind: 'heartbeat-ok' | 'prepared' }): void {
  const { state } = turn;
  follow(turn, message.term);
  if (!isPrimary(state) || !sameTerm(message.term, state.durable.term)) return;
  state.replicas[from] = turn.now;
  if (message.kind === 'prepared') onPrepared(turn, from, message.id);
}

/** What only a primary says. One that was replaced is told so, and not obeyed. */
function onOrder(
  turn: Turn,
  from: NodeId,
  message: Message & { kind: 'heartbeat' | 'prepare' | 'abort' | 'commit' | 'copy' },
): void {
  const { state } = turn;
  const { durable } = state;
  follow(turn, message.term);
  if (!sameTerm(message.term, durable.term)) {
    send(turn, from, { kind: 'heartbeat-ok', term: durable.term });
    return;
  }
  state.heardAt = turn.now;
  if (!state.holders.includes(state.self)) return;
  switch (message.kind) {
    case 'heartbeat':
      watch(turn);
      send(turn, from, { kind: 'heartbeat-ok', term: durable.term });
      if (lags(state, message.term, message.changes)) send(turn, from, { kind: 'catch-up' });
      else forgetPromises(turn, message.pending);
      return;
    case 'prepare':
      onPrepare(turn, from, message);
      return;
    case 'abort':
      delete durable.prepared[String(message.id)];
      turn.isDirty = true;
      return;
    case 'commit':
      if (lags(state, message.term, message.changes - 1)) send(turn, from, { kind: 'catch-up' });
      else if (durable.changes === message.changes - 1) {
        delete durable.prepared[String(message.id)];
        put(turn, message.key, message.entry);
      }
      return;
    case 'copy':
      onCopy(turn, from, message);
      return;
    default:
      unreachable(message);
  }
}

/** Writes that the primary no longer waits for were given up: it has said so, or crashed. */
function forgetPromises(turn: Turn, pending: readonly number[]): void {
  const { prepared } = turn.state.durable;
  for (const id of keysOf(prepared)) {
    if (pending.includes(Number(id))) continue;
    delete prepared[id];
    turn.isDirty = true;
  }
}
