import { below, draw } from '../../../base/random.ts';
import { keysOf, lookUp } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { broadcast, ping } from './bus.ts';
import {
  isMaster,
  mark,
  memberOf,
  peerOf,
  quorumOf,
  rangesOwnedBy,
  reconfigured,
  votersOf,
  type Turn,
} from './turn.ts';
import type { Gossip, Peer, RedisState } from './types.ts';

/** A node is pinged at random once in so many ticks of the cron. */
const RANDOM_PING_TICKS = 10;
/** Of so many nodes drawn, the one not heard of for longest is pinged. */
const RANDOM_PING_DRAWS = 5;
/** A connection without an answer is tried again after as long as it has been silent, within these bounds. */
const RETRY_MIN = 1000;
const RETRY_MAX = 5000;
/** Reports of a failure, and a failure that nobody mends, are forgotten after so many node timeouts. */
const REPORT_TIMEOUTS = 2;

/** Pings whoever is due and suspects whoever does not answer (redis cluster_legacy.c, clusterCron). */
export function watchPeers(turn: Turn): void {
  const { state, now } = turn;
  if (++state.ticks % RANDOM_PING_TICKS === 0) pingSomebody(turn);
  for (const node of state.nodes) {
    if (node === state.self) continue;
    const peer = peerOf(state, node);
    if (peer.pingSent === null) {
      if (now - peer.pongReceived > Math.floor(state.knobs.nodeTimeout / 2)) pingFirst(turn, node, peer);
      continue;
    }
    if (now >= peer.retryAt) retry(turn, node, peer, peer.pingSent);
    const silence = Math.min(now - peer.pingSent, now - peer.dataReceived);
    if (silence > state.knobs.nodeTimeout) suspect(turn, node, peer);
  }
}

/** Something came from a node. When a ping to it waits, the connection may work again: it is tried at once. */
export function heardFrom(turn: Turn, peer: Peer): void {
  peer.dataReceived = turn.now;
  if (peer.pingSent !== null && turn.now - peer.pingSent > RETRY_MIN) peer.retryAt = turn.now;
}

/** A node has answered: the suspicion ends. That it failed is taken back only if nobody takes its slots. */
export function onAnswer(turn: Turn, node: NodeId): void {
  const { state, now } = turn;
  const peer = peerOf(state, node);
  peer.pongReceived = now;
  peer.pingSent = null;
  if (peer.isSuspected) {
    peer.isSuspected = false;
    turn.isUnsettled = true;
  }
  const member = memberOf(state, node);
  if (!member.failed) return;
  const ownsSlots = isMaster(state, node) && rangesOwnedBy(state, node).length > 0;
  if (ownsSlots && now - peer.failedAt <= REPORT_TIMEOUTS * state.knobs.nodeTimeout) return;
  member.failed = false;
  reconfigured(turn);
  mark(turn, 'trust', `finds that ${node} has not failed after all`);
}

/** What another node tells of others. Only masters' reports count; good news from anybody saves a ping. */
export function onGossip(turn: Turn, from: NodeId, gossip: readonly Gossip[]): void {
  const { state, now } = turn;
  const fromMaster = isMaster(state, from);
  for (const { node, isFailing, pongReceived } of gossip) {
    if (node === state.self) continue;
    const peer = peerOf(state, node);
    if (fromMaster && isFailing) {
      peer.reports[from] = now;
      failIfAgreed(turn, node);
    } else if (fromMaster) delete peer.reports[from];
    const isQuiet = peer.pingSent === null && keysOf(peer.reports).length === 0;
    // Half a second of clock difference is tolerated.
    if (!isFailing && isQuiet && pongReceived <= now + 500 && pongReceived > peer.pongReceived) {
      peer.pongReceived = pongReceived;
    }
  }
}

/** Somebody found that a majority of masters cannot reach a node. */
export function onFail(turn: Turn, node: NodeId): void {
  if (node === turn.state.self || memberOf(turn.state, node).failed) return;
  setFailed(turn, node);
}

function pingSomebody(turn: Turn): void {
  const { state, random } = turn;
  let oldest: NodeId | null = null;
  for (let i = 0; i < RANDOM_PING_DRAWS; i++) {
    const node = state.nodes[below(draw(random, i), state.nodes.length)] ?? state.self;
    if (node === state.self || peerOf(state, node).pingSent !== null) continue;
    if (oldest === null || peerOf(state, node).pongReceived < peerOf(state, oldest).pongReceived) {
      oldest = node;
    }
  }
  if (oldest !== null) pingFirst(turn, oldest, peerOf(state, oldest));
}

function pingFirst(turn: Turn, node: NodeId, peer: Peer): void {
  peer.retryAt = turn.now + RETRY_MIN;
  ping(turn, node);
}

/** As TCP retransmits, and as a broken connection is made anew. The silence goes on counting from the first ping. */
function retry(turn: Turn, node: NodeId, peer: Peer, since: number): void {
  peer.retryAt = turn.now + Math.min(RETRY_MAX, Math.max(RETRY_MIN, turn.now - since));
  ping(turn, node);
}

function suspect(turn: Turn, node: NodeId, peer: Peer): void {
  if (peer.isSuspected || memberOf(turn.state, node).failed) return;
  peer.isSuspected = true;
  turn.isUnsettled = true;
  // The only master needs nobody's agreement.
  if (votersOf(turn.state).length === 1) failIfAgreed(turn, node);
}

/** PFAIL becomes FAIL when a majority of the masters has reported it lately, this one included if it is one. */
function failIfAgreed(turn: Turn, node: NodeId): void {
  const { state, now } = turn;
  const peer = peerOf(state, node);
  if (!peer.isSuspected || memberOf(state, node).failed) return;
  for (const reporter of keysOf(peer.reports)) {
    const age = now - (peer.reports[reporter] ?? 0);
    if (age > REPORT_TIMEOUTS * state.knobs.nodeTimeout) delete peer.reports[reporter];
  }
  const reports = keysOf(peer.reports).length + (isMaster(state, state.self) ? 1 : 0);
  if (reports < quorumOf(state)) return;
  setFailed(turn, node);
  mark(turn, 'suspect', `marks ${node} as failed: ${reports} masters cannot reach it`);
  broadcast(turn, { kind: 'fail', node });
}

function setFailed(turn: Turn, node: NodeId): void {
  const peer = peerOf(turn.state, node);
  peer.isSuspected = false;
  peer.failedAt = turn.now;
  memberOf(turn.state, node).failed = true;
  reconfigured(turn);
}

/** A peer of which nothing is known yet. It counts as answered at `heardAt`. */
export function newPeer(heardAt: number): Peer {
  return {
    pingSent: null,
    retryAt: 0,
    pongReceived: heardAt,
    dataReceived: heardAt,
    isSuspected: false,
    failedAt: heardAt,
    reports: {},
    votedAt: null,
    offset: 0,
  };
}

/** Everyone this node alone cannot reach, and everyone that a majority found unreachable. */
export function unreachablePeers(state: RedisState): { suspected: NodeId[]; failed: NodeId[] } {
  const others = state.nodes.filter((node) => node !== state.self);
  return {
    suspected: others.filter((node) => lookUp(state.peers, node)?.isSuspected === true),
    failed: others.filter((node) => memberOf(state, node).failed),
  };
}
