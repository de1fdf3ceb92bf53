import { assert } from '../../../base/assert.ts';
import { below } from '../../../base/random.ts';
import { keysOf, lookUp } from '../../../base/table.ts';
import { arrive, firstArrival, isSuspicious } from '../../../data/phi-accrual.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { stopIfRemoved } from './administration.ts';
import { generationOf } from './heartbeats.ts';
import { dispatchHints } from './hints.ts';
import type { GossipMessage, News } from './messages.ts';
import { onContact } from './movement.ts';
import { restoreRanges } from './removal.ts';
import { forgetSilentJoiners, isTakingPart, learnStatuses, peersOf, statusesOf } from './statuses.ts';
import { chance, isAlive, mark, send, setTimer, type Turn } from './turn.ts';
import type { CassandraState } from './types.ts';

/**
 * Membership gossip (gms/Gossiper.java): once a second a node raises its heartbeat and compares what it has heard
 * of everybody with one node that is up, now and then with one that is down and with a seed. Heartbeats travel
 * through others, so a peer is up as long as *somebody* can tell of it. It is thought down when φ of its
 * silence exceeds the threshold, and up again only when it answers an echo. Nobody votes.
 */
export function onGossip(turn: Turn): void {
  const { state } = turn;
  if (!isTakingPart(state) && state.movement?.stage !== 'farewell') return;
  setTimer(turn, 'gossip', ROUND);
  state.round++;
  const own = state.nodes.indexOf(state.self);
  state.heartbeats[own] = (state.heartbeats[own] ?? 0) + 1;
  const peers = peersOf(state);
  const down = keysOf(state.down).filter((node) => peers.includes(node));
  const up = peers.filter((node) => node !== state.self && !down.includes(node));
  const asked = up.length > 0 ? pick(turn, up) : null;
  if (asked !== null) sendSyn(turn, asked);
  if (below(chance(turn), up.length + 1) < down.length) sendSyn(turn, pick(turn, down));
  const seeds = seedsFor(state);
  const isCovered = asked !== null && seeds.includes(asked);
  if (!isCovered && seeds.length > 0 && below(chance(turn), peers.length) < seeds.length) {
    sendSyn(turn, pick(turn, seeds));
  }
  convictTheSilent(turn);
}

/** A node that starts asks the seeds at once who there is. */
export function gossipToSeeds(turn: Turn): void {
  for (const seed of seedsFor(turn.state)) sendSyn(turn, seed);
}

export function onGossipMessage(turn: Turn, from: NodeId, message: GossipMessage): void {
  if (message.kind !== 'echo' && message.kind !== 'echo-ok' && message.statuses !== undefined) {
    learnStatuses(turn, message.statuses);
    stopIfRemoved(turn);
    restoreRanges(turn);
  }
  switch (message.kind) {
    case 'syn':
      onSyn(turn, from, message.heartbeats);
      return;
    case 'ack':
      learn(turn, message.news);
      send(turn, from, {
        kind: 'ack2',
        news: newsOf(turn.state, message.wanted),
        ...statusesOf(turn.state),
      });
      onContact(turn);
      return;
    case 'ack2':
      learn(turn, message.news);
      return;
    case 'echo':
      send(turn, from, { kind: 'echo-ok' });
      return;
    case 'echo-ok':
      welcome(turn, from);
  }
}

/** Milliseconds between rounds. */
export const ROUND = 1000;
/** The first nodes are everybody's seeds. */
const SEEDS = 3;

function sendSyn(turn: Turn, to: NodeId): void {
  send(turn, to, { kind: 'syn', heartbeats: [...turn.state.heartbeats], ...statusesOf(turn.state) });
}

/** What the other lacks goes out at once, what this node lacks is asked for. */
function onSyn(turn: Turn, from: NodeId, heartbeats: readonly number[]): void {
  const news: [number, number][] = [];
  const wanted: number[] = [];
  turn.state.heartbeats.forEach((heartbeat, index) => {
    const theirs = heartbeats[index] ?? 0;
    if (theirs < heartbeat) news.push([index, heartbeat]);
    else if (theirs > heartbeat) wanted.push(index);
  });
  send(turn, from, { kind: 'ack', news, wanted, ...statusesOf(turn.state) });
}

function newsOf({ heartbeats }: CassandraState, wanted: readonly number[]): News {
  return wanted.map((index) => [index, heartbeats[index] ?? 0] as const);
}

function learn(turn: Turn, news: News): void {
  const { state, now } = turn;
  for (const [index, heartbeat] of news) {
    const node = state.nodes[index];
    const known = state.heartbeats[index] ?? 0;
    if (node === undefined || node === state.self || heartbeat <= known) continue;
    state.heartbeats[index] = heartbeat;
    const isRestart = generationOf(heartbeat) > generationOf(known);
    if (isRestart && !isAlive(state, node)) firstArrival(state.arrivals, index, state.round);
    else arrive(state.arrivals, index, state.round);
    if (isRestart) state.down[node] ??= now;
    if (!isAlive(state, node)) send(turn, node, { kind: 'echo' });
  }
}

function welcome(turn: Turn, node: NodeId): void {
  const { state } = turn;
  if (isAlive(state, node)) return;
  delete state.down[node];
  arrive(state.arrivals, state.nodes.indexOf(node), state.round);
  mark(turn, 'trust', `${state.self}: ${node} is now UP`);
  if (lookUp(state.durable.hints, node) !== undefined) dispatchHints(turn);
}

function convictTheSilent(turn: Turn): void {
  const { state, now } = turn;
  const peers = peersOf(state);
  state.nodes.forEach((node, index) => {
    if (node === state.self || !isAlive(state, node) || !peers.includes(node)) return;
    if (!isSuspicious(state.arrivals, index, state.round, state.knobs.phiConvictThreshold)) return;
    state.down[node] = now;
    mark(turn, 'suspect', `${state.self}: ${node} is now DOWN`);
  });
  forgetSilentJoiners(turn);
}

function seedsFor(state: CassandraState): NodeId[] {
  return peersOf(state)
    .slice(0, SEEDS)
    .filter((node) => node !== state.self);
}

function pick(turn: Turn, nodes: readonly NodeId[]): NodeId {
  const node = nodes[below(chance(turn), nodes.length)];
  assert(node !== undefined, 'there is somebody to gossip with');
  return node;
}
