import { unreachable } from '../../../base/assert.ts';
import { below, draw } from '../../../base/random.ts';
import { keysOf, lookUp } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import type { Input, Output, Protocol } from '../../../sim/protocol.ts';
import { news, tell } from './bus.ts';
import { adoptEpochs, adoptRole, compareClaims, onUpdate, settleCollision } from './claims.ts';
import { updateClusterState } from './cluster-state.ts';
import { describeMessage, describeState } from './describe.ts';
import { heardFrom, onAnswer, onFail, onGossip, startPing, watchPeers } from './detector.ts';
import { considerFailover, onVote, onVoteRequest } from './failover.ts';
import { init } from './init.ts';
import { addNode, becomeMember, forgetToo } from './members.ts';
import { endsWaiting, failMigration, isRepeated, onMigrateTimer, onRestore, onRestored } from './migrate.ts';
import { considerMigration } from './replica-migration.ts';
import { onLink, onReplicationTimer, onWaitTimer, streamId } from './replication.ts';
import { onRequest } from './serve.ts';
import { openWhatIsHeld } from './setslot.ts';
import { CRON, isMaster, knows, memberOf, REPLICATION_CRON, setPong, setTimer, type Turn } from './turn.ts';
import type { BusMessage, Message, RedisShape, RedisState, Timer } from './types.ts';
import { view } from './view.ts';

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

function step(
  state: RedisState,
  input: Input<RedisShape>,
  { now, random }: { now: number; random: number },
): Output<RedisShape>[] {
  const turn: Turn = { state, now, random, outputs: [], isDirty: false, isUnsettled: false };
  take(turn, input);
  if (turn.isUnsettled) updateClusterState(turn);
  return turn.isDirty ? [{ kind: 'persist' }, ...turn.outputs] : turn.outputs;
}

/** Takes an input, or keeps it for when MIGRATE has ended; then what was kept comes first. */
function take(turn: Turn, input: Input<RedisShape>): void {
  const { migration } = turn.state;
  if (migration === undefined) {
    handle(turn, input);
    return;
  }
  if (!endsWaiting(migration, input)) {
    if (!isRepeated(migration, input) && !isStray(turn, input)) migration.backlog.push(input);
    return;
  }
  handle(turn, input);
  if (turn.state.migration === undefined) for (const kept of migration.backlog) take(turn, kept);
}

/** A timer that nobody has set. */
function isStray({ state }: Turn, input: Input<RedisShape>): boolean {
  if (input.kind !== 'timer' || input.timer === 'cron' || input.timer === 'replication') return false;
  return lookUp(state.replication.waits, input.timer.slice('wait-'.length)) === undefined;
}

function handle(turn: Turn, input: Input<RedisShape>): void {
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
      // A broken connection on the bus proves nothing; a replica that is gone is counted no more.
      delete turn.state.replication.replicas[input.from];
      if (turn.state.migration !== undefined) failMigration(turn);
      break;
    default:
      unreachable(input);
  }
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
  if (isMaster(state, self)) {
    replication.id = streamId(self, state.incarnation, memberOf(state, self).configEpoch);
    openWhatIsHeld(turn);
  }
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
  } else if (timer === 'migrate') onMigrateTimer(turn);
  else if (timer.startsWith('wait-')) onWaitTimer(turn, timer.slice('wait-'.length));
}

function onCron(turn: Turn): void {
  setTimer(turn, 'cron', CRON);
  watchPeers(turn);
  considerFailover(turn);
  considerMigration(turn);
  if (!turn.state.isClusterOk) turn.isUnsettled = true;
}

function onMessage(turn: Turn, from: NodeId, message: Message): void {
  const { state } = turn;
  if (message.kind === 'bus' && message.body.kind === 'meet') {
    becomeMember(turn);
    if (!knows(state, from)) addNode(turn, from);
  }
  if (!state.durable.isMember) {
    if (message.kind === 'bus' && state.nodes.length === 1) onStranger(turn, from, message);
    return;
  }
  if (message.kind === 'restore') onRestore(turn, from, message);
  else if (message.kind === 'restored') onRestored(turn, from, message);
  else if (message.kind !== 'bus') onLink(turn, from, message);
  else if (knows(state, from)) onBus(turn, from, message);
  else onStranger(turn, from, message);
}

/** A node that this one does not know, or was told to forget, is told that somebody is here, and no more. */
function onStranger(turn: Turn, from: NodeId, { body }: BusMessage): void {
  if (body.kind === 'ping') tell(turn, from, { kind: 'pong', ...news(turn) });
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
    case 'meet':
      if (body.kind === 'pong') onAnswer(turn, from);
      else tell(turn, from, { kind: 'pong', ...news(turn) });
      adoptRole(turn, from, head);
      compareClaims(turn, from, head);
      settleCollision(turn, from, head.claim);
      onGossip(turn, from, body.gossip);
      if (body.forgotten !== undefined) forgetToo(turn, body.forgotten);
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
