import { below, draw } from '../../../base/random.ts';
import { keysOf, lookUp } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { broadcast, ping } from './bus.ts';
import { addNode, isForgotten, removeNode } from './members.ts';
import {
  isMaster,
  knows,
  mark,
  memberOf,
  pongOf,
  quorumOf,
  rangesOwnedBy,
  reconfigured,
  setPong,
  votersOf,
  type Turn,
} from './turn.ts';
import type { Gossip, Ping, RedisState } from './types.ts';

/** A node is pinged at random once in so many ticks of the cron. */
const RANDOM_PING_TICKS = 10;
/** Of so many nodes drawn, the one not heard of for longest is pinged. */
const RANDOM_PING_DRAWS = 5;
/** A connection without an answer is tried again after as long as it has been silent, within these bounds. */
const RETRY_MIN = 1000;
const RETRY_MAX = 5000;
/** Reports of a failure, and a failure that nobody mends, are forgotten after so many node timeouts. */
const REPORT_TIMEOUTS = 2;
/** A pong told by others may lie so far in the future: clocks differ. Milliseconds. */
const CLOCK_TOLERANCE = 500;

/** Pings whoever is due and suspects whoever does not answer (redis cluster_legacy.c, clusterCron). */
export function watchPeers(turn: Turn): void {
  const { state, now } = turn;
  if (++state.ticks % RANDOM_PING_TICKS === 0) pingSomebody(turn);
  const strangers: NodeId[] = [];
  for (const [place, node] of state.nodes.entries()) {
    if (node === state.self) continue;
    const waiting = state.pings[node];
    if (waiting === undefined) {
      const age = now - (state.pongs[place] ?? 0);
      if (age > Math.floor(state.knobs.nodeTimeout / 2)) startPing(turn, node);
      continue;
    }
    if (now >= waiting.retryAt) retry(turn, node, waiting);
    const silence = now - Math.max(waiting.sentAt, waiting.heardAt);
    if (silence <= state.knobs.nodeTimeout) continue;
    if (waiting.isMeeting === true) strangers.push(node);
    else suspect(turn, node);
  }
  for (const node of strangers) removeNode(turn, node);
}

/** Something came from a node. When a ping to it waits, the connection may work again: it is tried at once. */
export function heardFrom(turn: Turn, node: NodeId): void {
  const waiting = turn.state.pings[node];
  if (waiting === undefined) return;
  waiting.heardAt = turn.now;
  if (turn.now - waiting.sentAt > RETRY_MIN) waiting.retryAt = turn.now;
}

/** Asks a node whether it is there, and begins to wait for its answer. */
export function startPing(turn: Turn, node: NodeId): void {
  const { state, now } = turn;
  state.pings[node] = { sentAt: now, retryAt: now + RETRY_MIN, heardAt: now };
  ping(turn, node, 'ping');
}

/** Takes a node in that this one was told to meet, and begins to make itself known to it (a handshake). */
export function startMeeting(turn: Turn, node: NodeId): void {
  const { state, now } = turn;
  addNode(turn, node);
  state.pings[node] = { sentAt: now, retryAt: now + RETRY_MIN, heardAt: now, isMeeting: true };
  ping(turn, node, 'meet');
}

/** A node has answered: the suspicion ends. That it failed is taken back only if nobody takes its slots. */
export function onAnswer(turn: Turn, node: NodeId): void {
  const { state, now } = turn;
  setPong(state, node, now);
  delete state.pings[node];
  if (node in state.suspects) {
    delete state.suspects[node];
    turn.isUnsettled = true;
  }
  const member = memberOf(state, node);
  if (!member.failed) return;
  const ownsSlots = isMaster(state, node) && rangesOwnedBy(state, node).length > 0;
  const age = now - (state.failures[node] ?? 0);
  if (ownsSlots && age <= REPORT_TIMEOUTS * state.knobs.nodeTimeout) return;
  member.failed = false;
  delete state.failures[node];
  reconfigured(turn);
  mark(turn, 'trust', `finds that ${node} has not failed after all`);
}

/** What another node tells of others. Only masters' reports count; good news from anybody saves a ping. */
export function onGossip(turn: Turn, from: NodeId, gossip: readonly Gossip[]): void {
  const { state, now } = turn;
  const fromMaster = isMaster(state, from);
  for (const { node, isFailing, pongReceived } of gossip) {
    if (node === state.self) continue;
    if (!knows(state, node)) {
      // Its name is trusted at once: only an administrator has nodes meet (clusterProcessGossipSection).
      if (!isForgotten(turn, node)) {
        addNode(turn, node);
        startPing(turn, node);
      }
      continue;
    }
    if (fromMaster && isFailing) {
      (state.reports[node] ??= {})[from] = now;
      failIfAgreed(turn, node);
    } else if (fromMaster) dropReport(state, node, from);
    const isQuiet = !(node in state.pings) && !(node in state.reports);
    const isNews = pongReceived > pongOf(state, node) && pongReceived <= now + CLOCK_TOLERANCE;
    if (!isFailing && isQuiet && isNews) setPong(state, node, pongReceived);
  }
}

/** Somebody found that a majority of masters cannot reach a node. */
export function onFail(turn: Turn, node: NodeId): void {
  if (node === turn.state.self || !knows(turn.state, node) || memberOf(turn.state, node).failed) return;
  setFailed(turn, node);
}

function pingSomebody(turn: Turn): void {
  const { state, random } = turn;
  let oldest: NodeId | null = null;
  for (let i = 0; i < RANDOM_PING_DRAWS; i++) {
    const node = state.nodes[below(draw(random, i), state.nodes.length)] ?? state.self;
    if (node === state.self || node in state.pings) continue;
    if (oldest === null || pongOf(state, node) < pongOf(state, oldest)) oldest = node;
  }
  if (oldest !== null) startPing(turn, oldest);
}

/** As TCP retransmits, and as a broken connection is made anew. The silence goes on counting from the first ping. */
function retry(turn: Turn, node: NodeId, waiting: Ping): void {
  waiting.retryAt = turn.now + Math.min(RETRY_MAX, Math.max(RETRY_MIN, turn.now - waiting.sentAt));
  ping(turn, node, waiting.isMeeting === true ? 'meet' : 'ping');
}

function suspect(turn: Turn, node: NodeId): void {
  if (node in turn.state.suspects || memberOf(turn.state, node).failed) return;
  turn.state.suspects[node] = true;
  turn.isUnsettled = true;
  // The only master needs nobody's agreement.
  if (votersOf(turn.state).length === 1) failIfAgreed(turn, node);
}

/** PFAIL becomes FAIL when a majority of the masters has reported it lately, this one included if it is one. */
function failIfAgreed(turn: Turn, node: NodeId): void {
  const { state, now } = turn;
  if (!(node in state.suspects)) return;
  const known = lookUp(state.reports, node) ?? {};
  for (const reporter of keysOf(known)) {
    const age = now - (known[reporter] ?? 0);
    if (age > REPORT_TIMEOUTS * state.knobs.nodeTimeout) dropReport(state, node, reporter);
  }
  const reporters = keysOf(lookUp(state.reports, node) ?? {});
  const reports = reporters.length + (isMaster(state, state.self) ? 1 : 0);
  if (reports < quorumOf(state)) return;
  setFailed(turn, node);
  mark(turn, 'suspect', `marks ${node} as failed: ${reports} masters cannot reach it`);
  broadcast(turn, { kind: 'fail', node });
}

function setFailed(turn: Turn, node: NodeId): void {
  delete turn.state.suspects[node];
  turn.state.failures[node] = turn.now;
  memberOf(turn.state, node).failed = true;
  reconfigured(turn);
}

function dropReport(state: RedisState, node: NodeId, reporter: NodeId): void {
  const reports = lookUp(state.reports, node);
  if (reports === undefined) return;
  delete reports[reporter];
  if (keysOf(reports).length === 0) delete state.reports[node];
}

/** Everyone this node alone cannot reach, and everyone that a majority found unreachable. */
export function unreachablePeers(state: RedisState): { suspected: NodeId[]; failed: NodeId[] } {
  const others = state.nodes.filter((node) => node !== state.self);
  return {
    suspected: others.filter((node) => node in state.suspects),
    failed: others.filter((node) => memberOf(state, node).failed),
  };
}
