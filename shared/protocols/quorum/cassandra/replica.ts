import { unreachable } from '../../../base/assert.ts';
import { below } from '../../../base/random.ts';
import { lookUp } from '../../../base/table.ts';
import { steadyArrivals } from '../../../data/phi-accrual.ts';
import type { NodeId } from '../../../sim/operation.ts';
import type { Ambient, Config, Input, Output, Protocol } from '../../../sim/protocol.ts';
import { onToolRequest } from './administration.ts';
import { onMessage, settle } from './dispatch.ts';
import { isSerial } from './consistency.ts';
import { onIncrementTimeout, startIncrement } from './counter.ts';
import { describeMessage, describeState } from './describe.ts';
import { gossipToSeeds, onGossip, ROUND } from './gossip.ts';
import { firstHeartbeat } from './heartbeats.ts';
import { keepDispatching, onHintsTimer } from './hints.ts';
import { onMovementTimer, recoverMovement } from './movement.ts';
import { onReadTimeout, onSpeculation, startRead } from './read.ts';
import { onRemovalTimer, restoreRanges } from './removal.ts';
import { onRepairTimeout, startRepair } from './repair.ts';
import { awaitCompaction, compact } from './storage.ts';
import { onTransactionTimer, startTransaction } from './transaction.ts';
import { drawRing, isServing, isTakingPart } from './statuses.ts';
import { setTimer, startTurn, tell, type Turn } from './turn.ts';
import type { ToolRequest } from './membership.ts';
import type { CassandraKnobs, CassandraShape, CassandraState, Durable, Request, Timer } from './types.ts';
import { view } from './view.ts';
import type { Asker } from './work.ts';
import { onWriteTimeout, startPlainWrite } from './write.ts';

/**
 * Apache Cassandra 4: a ring of equal nodes, RF replicas of each key, and a consistency level for every single
 * operation. Any node coordinates. Every cell has a timestamp and the higher one wins: no versions, no siblings.
 *
 * The lesson: at ONE both sides of a partition go on and the later clock wins silently; at QUORUM a key works
 * where most of its replicas are. Which of the two it is, every statement says for itself.
 */
export const cassandra: Protocol<CassandraShape> = {
  name: 'cassandra',
  channel: 'stream',
  connections: false,
  init,
  step,
  durable: (state) => state.durable,
  view,
  describeMessage,
  describeState,
};

/**
 * A class begins with a cluster that has been running for a while: everybody is up, heartbeats come once a second.
 * A node that starts again knows the others from its disk and takes nobody to be up before having heard of them.
 */
function init(config: Config<CassandraKnobs>, durable: Durable | null): CassandraState {
  const { self, nodes, members, incarnation } = config;
  const state: CassandraState = {
    self,
    ...(members.length === nodes.length ? {} : { members }),
    nodes,
    knobs: config.knobs,
    durable: durable ?? emptyDisk(config),
    round: 0,
    heartbeats: nodes.map((node) => (node === self ? firstHeartbeat(incarnation) : 0)),
    arrivals: steadyArrivals(nodes.length),
    down: {},
    work: {},
    incarnation,
    started: 0,
    timestamp: 0,
    dispatching: false,
    compacting: false,
  };
  if (state.durable.statuses !== undefined) drawRing(state);
  return state;
}

/** A disk that was lost is replaced by one with an id of its own: its counter shard begins at nothing. */
function emptyDisk({ self, incarnation }: Config<CassandraKnobs>): Durable {
  const id = incarnation > 1 ? `${self}#${incarnation}` : self;
  return { id, rows: {}, paxos: {}, hints: {}, hinted: 0 };
}

function step(
  state: CassandraState,
  input: Input<CassandraShape>,
  ambient: Ambient,
): Output<CassandraShape>[] {
  const turn = startTurn(state, ambient);
  switch (input.kind) {
    case 'start':
      onStart(turn);
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
      break;
    default:
      unreachable(input);
  }
  settle(turn);
  return turn.persists ? [{ kind: 'persist' }, ...turn.outputs] : turn.outputs;
}

function onStart(turn: Turn): void {
  const { state, now } = turn;
  turn.persists = true;
  recoverMovement(turn);
  if (!isTakingPart(state)) {
    // Others may not have heard that it has left.
    if (lookUp(state.durable.statuses ?? {}, state.self) !== undefined) gossipToSeeds(turn);
    return;
  }
  restoreRanges(turn);
  setTimer(turn, 'gossip', 1 + below(turn.random, ROUND));
  if (state.incarnation > 1) {
    for (const node of state.nodes) if (node !== state.self) state.down[node] = now;
    gossipToSeeds(turn);
  }
  keepDispatching(turn);
  awaitCompaction(turn);
}

function onRequest(turn: Turn, from: NodeId, id: number, request: Request): void {
  const asker = { kind: 'driver', id } as const;
  if (request.kind === 'join' || request.kind === 'leave' || request.kind === 'remove') {
    onToolRequest(turn, { node: from, id }, request);
  } else if (isServing(turn.state)) onStatement(turn, asker, request);
  else tell(turn, asker, { kind: 'not-serving' });
}

function onStatement(turn: Turn, asker: Asker, request: Exclude<Request, ToolRequest>): void {
  switch (request.kind) {
    case 'read': {
      const { key, column, consistency } = request;
      if (isSerial(consistency)) {
        startTransaction(turn, asker, { key, write: null, column, serial: consistency, commit: 'QUORUM' });
      } else startRead(turn, asker, key, column, consistency);
      return;
    }
    case 'write': {
      const { key, change, condition } = request;
      if (condition === null) startPlainWrite(turn, asker, request);
      else {
        const column = condition.kind === 'equals' ? condition.column : null;
        const { serial, consistency: commit } = request;
        startTransaction(turn, asker, { key, write: { change, condition }, column, serial, commit });
      }
      return;
    }
    case 'increment':
      startIncrement(turn, asker, request);
      return;
    case 'repair':
      startRepair(turn, asker);
      return;
    default:
      unreachable(request);
  }
}

function onTimer(turn: Turn, timer: Timer): void {
  if (timer === 'gossip') onGossip(turn);
  else if (timer === 'hints') onHintsTimer(turn);
  else if (timer === 'compaction') compact(turn);
  else if (timer === 'movement') onMovementTimer(turn);
  else if (timer === 'removal') onRemovalTimer(turn);
  else if (timer.startsWith('more-')) onMore(turn, timer.slice('more-'.length));
  else onWait(turn, timer.slice('wait-'.length));
}

function onMore(turn: Turn, id: string): void {
  const work = lookUp(turn.state.work, id);
  if (work?.kind === 'read') onSpeculation(turn, work);
}

function onWait(turn: Turn, id: NodeId): void {
  const work = lookUp(turn.state.work, id);
  if (work === undefined) return;
  switch (work.kind) {
    case 'write':
      onWriteTimeout(turn, work);
      return;
    case 'increment':
      onIncrementTimeout(turn, work);
      return;
    case 'read':
      onReadTimeout(turn, work);
      return;
    case 'transaction':
      onTransactionTimer(turn, work);
      return;
    case 'repair':
      onRepairTimeout(turn, work);
      return;
    default:
      unreachable(work);
  }
}
