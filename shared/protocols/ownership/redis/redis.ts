import { unreachable } from '../../../base/assert.ts';
import { below, draw } from '../../../base/random.ts';
import { keysOf, lookUp } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import type { Config, Input, Output, Protocol } from '../../../sim/protocol.ts';
import { gossipOf, tell } from './bus.ts';
import { adoptEpochs, adoptRole, compareClaims, onUpdate, settleCollision } from './claims.ts';
import { updateClusterState } from './cluster-state.ts';
import { describeMessage, describeState } from './describe.ts';
import { heardFrom, onAnswer, onFail, onGossip, startPing, watchPeers } from './detector.ts';
import { considerFailover, onVote, onVoteRequest } from './failover.ts';
import { newReplication, onLink, onReplicationTimer, onWaitTimer, streamId } from './replication.ts';
import { onRequest } from './serve.ts';
import { layoutOf } from './slots.ts';
import { isMaster, memberOf, setPong, setTimer, type Turn } from './turn.ts';
import type { BusMessage, Durable, Member, RedisKnobs, RedisShape, RedisState, Timer } from './types.ts';
import { view } from './view.ts';

/** clusterCron runs ten times a second, replicationCron once. Milliseconds. */
const CRON = 100;
const REPLICATION_CRON = 1000;

/**
 * Redis Cluster, after its specification and redis 7.4, src/cluster_legacy.c: each slot has one master, which
 * acknowledges before its replicas have anything. A majority of the masters decides who has failed and which
 * replica takes over; whoever claims slots with the greater epoch owns them.
 *
 * The lesson: a master that is cut off goes on acknowledging until it notices, and everything it took in that
 * time is dropped when it comes back. Neither consistent nor available: quick.
 */
export const redis: Protocol<RedisShape> = {
  name: 'redis',
  channel: 'stream',
  connections: true,
  init,
  step,
  durable: (state) => state.durable,
  view,
  describeMessage,
  describeState,
};

/** A cluster that was made before the class came: everybody knows everybody, and replicas are attached. */
function init(config: Config<RedisKnobs>, durable: Durable | null): RedisState {
  const { self, nodes, knobs, incarnation } = config;
  const { masters, masterOf } = layoutOf(nodes, knobs);
  const isFirst = incarnation <= 1;
  const master = masterOf.get(self) ?? null;
  const stream = streamId(master ?? self, 1, nodes.indexOf(master ?? self) + 1);
  const replicas = nodes.filter((node) => masterOf.get(node) === self);
  return {
    self,
    nodes,
    knobs,
    incarnation,
    durable: durable ?? emptyDisk(config, masters, masterOf),
    pongs: [],
    pings: {},
    suspects: {},
    failures: {},
    reports: {},
    votes: {},
    offsets: {},
    replication: newReplication(isFirst ? stream : '', isFirst && master === null ? replicas : [], 0),
    election: null,
    isClusterOk: isFirst,
    startedAt: 0,
    minorityAt: null,
    ticks: 0,
  };
}

/**
 * As `redis-cli --cluster create` leaves a cluster: every node has its own epoch, in order. A disk that is empty
 * at a later start has lost the node's name, so it is no member of the cluster any more and knows no slots.
 */
function emptyDisk(
  { nodes, incarnation }: Config<RedisKnobs>,
  masters: readonly NodeId[],
  masterOf: ReadonlyMap<NodeId, NodeId | null>,
): Durable {
  const isMember = incarnation <= 1;
  const members = nodes.map((node, index): [NodeId, Member] => {
    const master = isMember ? (masterOf.get(node) ?? null) : null;
    return [node, { configEpoch: isMember ? index + 1 : 0, master, failed: false }];
  });
  return {
    isMember,
    currentEpoch: isMember ? nodes.length : 0,
    lastVoteEpoch: 0,
    members: Object.fromEntries(members),
    owners: masters.map((node) => (isMember ? node : null)),
    data: {},
  };
}

function step(
  state: RedisState,
  input: Input<RedisShape>,
  ambient: { now: number; random: number },
): Output<RedisShape>[] {
  const turn: Turn = {
    state,
    now: ambient.now,
    random: ambient.random,
    outputs: [],
    isDirty: false,
    isUnsettled: false,
  };
  switch (input.kind) {
    case 'start':
      start(turn);
      break;
    case 'message':
      if (!state.durable.isMember) break;
      if (input.message.kind === 'bus') onBus(turn, input.from, input.message);
      else onLink(turn, input.from, input.message);
      break;
    case 'timer':
      onTimer(turn, input.timer);
      break;
    case 'request':
      onRequest(turn, input.from, input.id, input.request);
      break;
    case 'disconnected':
      // A broken connection on the bus proves nothing; a replica that is gone is counted no more.
      delete state.replication.replicas[input.from];
      break;
    default:
      unreachable(input);
  }
  if (turn.isUnsettled) updateClusterState(turn);
  return turn.isDirty ? [{ kind: 'persist' }, ...turn.outputs] : turn.outputs;
}

function start(turn: Turn): void {
  const { state, now, random } = turn;
  const { self, nodes, durable, replication } = state;
  state.startedAt = now;
  turn.isDirty = true;
  const isFirst = state.incarnation <= 1;
  const half = Math.max(1, Math.floor(state.knobs.nodeTimeout / 2));
  const others = nodes.filter((node) => node !== self);
  nodes.forEach((node, index) => {
    // Of a running cluster's pongs some are newer and some older: so not all are due at once.
    setPong(state, node, isFirst ? now - below(draw(random, index + 2), half) : now);
  });
  if (!durable.isMember) return;
  setTimer(turn, 'cron', 1 + below(random, CRON));
  setTimer(turn, 'replication', 1 + below(draw(random, 1), REPLICATION_CRON));
  if (isFirst) {
    replication.heardAt = now;
    replication.pingedAt = now;
    for (const node of keysOf(replication.replicas)) {
      const replica = lookUp(replication.replicas, node);
      if (replica !== undefined) replica.ackedAt = now;
    }
    return;
  }
  if (isMaster(state, self))
    replication.id = streamId(self, state.incarnation, memberOf(state, self).configEpoch);
  for (const node of others) {
    startPing(turn, node);
    if (memberOf(state, node).failed) state.failures[node] = now;
  }
}

function onTimer(turn: Turn, timer: Timer): void {
  if (timer === 'cron') onCron(turn);
  else if (timer === 'replication') {
    setTimer(turn, 'replication', REPLICATION_CRON);
    onReplicationTimer(turn);
  } else if (timer.startsWith('wait-')) onWaitTimer(turn, timer.slice('wait-'.length));
}

function onCron(turn: Turn): void {
  setTimer(turn, 'cron', CRON);
  watchPeers(turn);
  considerFailover(turn);
  if (!turn.state.isClusterOk) turn.isUnsettled = true;
}

/** A message on the cluster bus: first what it tells of its sender, then what it says (clusterProcessPacket). */
function onBus(turn: Turn, from: NodeId, { head, body }: BusMessage): void {
  const { state } = turn;
  heardFrom(turn, from);
  if (head.offset > 0) state.offsets[from] = head.offset;
  else delete state.offsets[from];
  adoptEpochs(turn, from, head);
  switch (body.kind) {
    case 'ping':
    case 'pong':
      if (body.kind === 'ping') tell(turn, from, { kind: 'pong', gossip: gossipOf(turn) });
      else onAnswer(turn, from);
      adoptRole(turn, from, head);
      compareClaims(turn, from, head);
      settleCollision(turn, from, head.claim);
      onGossip(turn, from, body.gossip);
      return;
    case 'fail':
      onFail(turn, body.node);
      return;
    case 'update':
      onUpdate(turn, body.node, body.claim);
      return;
    case 'vote-request':
      onVoteRequest(turn, from, head);
      return;
    case 'vote':
      onVote(turn, from, head);
      return;
    default:
      unreachable(body);
  }
}
