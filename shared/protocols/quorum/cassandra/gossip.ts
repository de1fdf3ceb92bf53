import { assert } from '../../../base/assert.ts';
import { below } from '../../../base/random.ts';
import { arrive, firstArrival, isSuspicious } from '../../../data/phi-accrual.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { dispatchHints } from './hints.ts';
import type { GossipMessage, News } from './messages.ts';
import { chance, mark, send, setTimer, type Turn } from './turn.ts';
import type { CassandraState, Peer } from './types.ts';

/**
 * Membership gossip (gms/Gossiper.java): once a second a node raises its heartbeat and compares what it has heard
 * of everybody with one node that is up, now and then with one that is down and with a seed. Heartbeats travel
 * through others, so a peer is up as long as *somebody* can tell of it. It is thought down when φ of its
 * silence exceeds the threshold, and up again only when it answers an echo. Nobody votes.
 */
export function onGossip(turn: Turn): void {
  const { state } = turn;
  setTimer(turn, 'gossip', ROUND);
  own(state).heartbeat++;
  const [up, down] = [others(state, true), others(state, false)];
  const asked = up.length > 0 ? pick(turn, up) : null;
  if (asked !== null) sendSyn(turn, asked);
  if (below(chance(turn), up.length + 1) < down.length) sendSyn(turn, pick(turn, down));
  if ((asked === null || !isSeed(state, asked)) && below(chance(turn), state.nodes.length) < SEEDS) {
    gossipToSeed(turn);
  }
  convictTheSilent(turn);
}

/** A node that starts asks the seeds at once who there is. */
export function gossipToSeeds(turn: Turn): void {
  for (const seed of seedsFor(turn.state)) sendSyn(turn, seed);
}

export function onGossipMessage(turn: Turn, from: NodeId, message: GossipMessage): void {
  switch (message.kind) {
    case 'syn':
      onSyn(turn, from, message.heartbeats);
      return;
    case 'ack':
      learn(turn, message.news);
      send(turn, from, { kind: 'ack2', news: newsOf(turn.state, message.wanted) });
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

/** A heartbeat of a node that has been started `incarnation` times: any later start counts as newer. */
export function generationOf(incarnation: number): number {
  return incarnation * VERSIONS;
}

/** Milliseconds between rounds. */
export const ROUND = 1000;
/** The first nodes are everybody's seeds. */
const SEEDS = 3;
/** A gap in the rounds longer than this means that this process stood still, not that others were silent. */
const STANDSTILL = 5000;
/** Heartbeats of one start: at one a second more than any class needs. */
const VERSIONS = 10_000_000;

function sendSyn(turn: Turn, to: NodeId): void {
  send(turn, to, { kind: 'syn', heartbeats: turn.state.peers.map(({ heartbeat }) => heartbeat) });
}

function gossipToSeed(turn: Turn): void {
  const seeds = seedsFor(turn.state);
  if (seeds.length > 0) sendSyn(turn, pick(turn, seeds));
}

/** What the other lacks goes out at once, what this node lacks is asked for. */
function onSyn(turn: Turn, from: NodeId, heartbeats: readonly number[]): void {
  const { peers } = turn.state;
  const news: [number, number][] = [];
  const wanted: number[] = [];
  peers.forEach(({ heartbeat }, index) => {
    const theirs = heartbeats[index] ?? 0;
    if (theirs < heartbeat) news.push([index, heartbeat]);
    else if (theirs > heartbeat) wanted.push(index);
  });
  send(turn, from, { kind: 'ack', news, wanted });
}

function newsOf({ peers }: CassandraState, wanted: readonly number[]): News {
  return wanted.map((index) => [index, peers[index]?.heartbeat ?? 0] as const);
}

function learn(turn: Turn, news: News): void {
  const { state, now } = turn;
  for (const [index, heartbeat] of news) {
    const peer = state.peers[index];
    const node = state.nodes[index];
    if (peer === undefined || node === undefined || node === state.self || heartbeat <= peer.heartbeat)
      continue;
    const isRestart = generation(heartbeat) > generation(peer.heartbeat);
    peer.heartbeat = heartbeat;
    if (isRestart && !peer.alive) Object.assign(peer.arrivals, firstArrival(now));
    else arrive(peer.arrivals, now);
    if (isRestart || !peer.alive) {
      if (peer.alive) bury(peer, now);
      send(turn, node, { kind: 'echo' });
    }
  }
}

function welcome(turn: Turn, node: NodeId): void {
  const { state } = turn;
  const peer = state.peers[state.nodes.indexOf(node)];
  if (peer === undefined || peer.alive) return;
  peer.alive = true;
  peer.downSince = null;
  peer.arrivals.last = turn.now;
  mark(turn, 'trust', `${state.self}: ${node} is now UP`);
  if (state.durable.hints[node] !== undefined) dispatchHints(turn);
}

function convictTheSilent(turn: Turn): void {
  const { state, now } = turn;
  const sinceLast = now - state.lookedAt;
  state.lookedAt = now;
  if (sinceLast > STANDSTILL) state.stoodStillAt = now;
  if (now - state.stoodStillAt < STANDSTILL && now >= state.stoodStillAt) return;
  state.peers.forEach((peer, index) => {
    const node = state.nodes[index];
    if (!peer.alive || node === undefined || node === state.self) return;
    if (!isSuspicious(peer.arrivals, now, state.knobs.phiConvictThreshold)) return;
    bury(peer, now);
    mark(turn, 'suspect', `${state.self}: ${node} is now DOWN`);
  });
}

function bury(peer: Peer, now: number): void {
  peer.alive = false;
  peer.downSince = now;
}

function own({ self, nodes, peers }: CassandraState): Peer {
  const peer = peers[nodes.indexOf(self)];
  assert(peer !== undefined, `${self} is one of the nodes`);
  return peer;
}

function others({ self, nodes, peers }: CassandraState, alive: boolean): NodeId[] {
  return nodes.filter((node, index) => node !== self && peers[index]?.alive === alive);
}

function seedsFor({ self, nodes }: CassandraState): NodeId[] {
  return nodes.slice(0, SEEDS).filter((node) => node !== self);
}

function isSeed({ nodes }: CassandraState, node: NodeId): boolean {
  return nodes.indexOf(node) < SEEDS;
}

function generation(heartbeat: number): number {
  return Math.floor(heartbeat / VERSIONS);
}

function pick(turn: Turn, nodes: readonly NodeId[]): NodeId {
  const node = nodes[below(chance(turn), nodes.length)];
  assert(node !== undefined, 'there is somebody to gossip with');
  return node;
}
