import { unreachable } from '../../base/assert.ts';
import { freeze } from '../../base/json.ts';
import { keysOf, lookUp } from '../../base/table.ts';
import type { NodeId } from '../../sim/operation.ts';
import type { Ambient, Config, Input, Output, Protocol } from '../../sim/protocol.ts';
import { persist, reply } from '../turn.ts';
import { onAdminRequest } from './administration.ts';
import { documentAt, update } from './database.ts';
import { describeMessage, describeState } from './describe.ts';
import { onCheckpointTimer } from './checkpoints.ts';
import { dispatch } from './dispatch.ts';
import { CONFLICT, REFUSED } from './errors.ts';
import { onNodeLost, onRequestTimeout, startOpen, startUpdate } from './fabric.ts';
import { onJobTimer, onSyncTimer, onTargetBack, onTargetLost, runJob, startJobs, wakeJobs } from './jobs.ts';
import {
  connect,
  disconnect,
  forgetStrangers,
  hear,
  isConnected,
  onReconnect,
  onTick,
  startLiveness,
} from './liveness.ts';
import { isRunning } from './membership.ts';
import { onListenerLost, onSystemTimer, tellNext, tellNextSoon } from './system-databases.ts';
import type {
  Asker,
  CouchKnobs,
  CouchShape,
  CouchState,
  Durable,
  Edit,
  Message,
  Request,
  Timer,
  Turn,
} from './types.ts';
import { view } from './view.ts';

/**
 * Apache CouchDB 3: documents as trees of revisions, and replication that unites trees. Nothing is merged and nothing
 * is lost: edits of both sides of a partition stay as branches, everybody picks the same winner by a rule that needs
 * no message, and the other branch waits, unseen, for somebody to look. That is the lesson.
 *
 * As `peers` every node is a server of its own, in the hand of whoever is offline; as a `cluster` the nodes share one
 * database in shards, and a write that reaches too few copies is accepted all the same.
 */
export const couchDb: Protocol<CouchShape> = {
  name: 'couchdb',
  channel: 'stream',
  connections: true,
  init,
  step,
  durable: (state) => state.durable,
  freeze: ({ durable }) => {
    for (const key of keysOf(durable.documents)) freeze(documentOf(durable, key));
    freeze(durable.cluster?.nodes);
    freeze(durable.cluster?.map);
  },
  view,
  describeMessage,
  describeState,
};

function init(config: Config<CouchKnobs>, durable: Durable | null): CouchState {
  const { self, nodes, members, knobs, incarnation } = config;
  return {
    self,
    nodes,
    ...(members.length === nodes.length ? {} : { members }),
    knobs,
    durable: durable ?? { documents: {}, sequence: 0, sent: {}, received: {} },
    jobs: {},
    silent: {},
    lost: {},
    work: {},
    updates: {},
    numbers: incarnation * 10_000_000,
    syncing: false,
    checkpointing: false,
  };
}

function documentOf({ documents }: Durable, key: string) {
  return lookUp(documents, key)?.revisions ?? [];
}

function step(state: CouchState, input: Input<CouchShape>, ambient: Ambient): Output<CouchShape>[] {
  const turn: Turn = { ...ambient, state, outputs: [] };
  switch (input.kind) {
    case 'start':
      persist(turn);
      if (!isRunning(state)) break;
      startLiveness(turn);
      startJobs(turn);
      tellNext(turn);
      break;
    case 'message':
      onMessage(turn, input.from, input.message);
      break;
    case 'timer':
      onTimer(turn, input.timer);
      break;
    case 'request':
      onRequest(turn, { node: input.from, id: input.id }, input.request);
      break;
    case 'disconnected':
      if (isRunning(state)) lose(turn, input.from);
      break;
    default:
      unreachable(input);
  }
  return savedFirst(turn.outputs);
}

/** A step is one write to the disk: what it changed is there before anybody is told anything. */
function savedFirst(outputs: Output<CouchShape>[]): Output<CouchShape>[] {
  const others = outputs.filter(({ kind }) => kind !== 'persist');
  return others.length === outputs.length ? outputs : [{ kind: 'persist' }, ...others];
}

function onRequest(turn: Turn, asker: Asker, request: Request): void {
  const { state } = turn;
  const isCluster = state.knobs.mode === 'cluster';
  const isData = request.kind === 'get' || request.kind === 'put' || request.kind === 'replicate';
  if (!isData) return onAdminRequest(turn, asker, request);
  if (!isRunning(state)) {
    return reply(turn, asker.node, asker.id, { kind: 'error', class: 'fail', error: REFUSED });
  }
  switch (request.kind) {
    case 'get':
      if (isCluster) startOpen(turn, asker, request.key, request.r);
      else reply(turn, asker.node, asker.id, { kind: 'document', revisions: documentAt(state, request.key) });
      return;
    case 'put':
      if (isCluster) startUpdate(turn, asker, request.edit, request.w);
      else putHere(turn, asker, request.edit);
      return;
    case 'replicate':
      replicate(turn, asker);
      return;
    default:
      unreachable(request);
  }
}

/** A server of its own knows what it knows: only its own newer revisions are a conflict. */
function putHere(turn: Turn, asker: Asker, edit: Edit): void {
  const leaf = update(turn, edit);
  if (leaf === null) {
    reply(turn, asker.node, asker.id, { kind: 'error', class: 'fail', error: CONFLICT });
    return;
  }
  reply(turn, asker.node, asker.id, { kind: 'stored', status: leaf.deleted ? 200 : 201, leaf });
  wakeJobs(turn);
}

/** `_replicate` to everybody that this peer replicates to; in a cluster `_sync_shards`, which does not wait. */
function replicate(turn: Turn, asker: Asker): void {
  const { state } = turn;
  const waiting = keysOf(state.jobs);
  const isCluster = state.knobs.mode === 'cluster';
  if (isCluster || waiting.length === 0) {
    reply(turn, asker.node, asker.id, { kind: 'replicated', status: isCluster ? 202 : 200 });
  } else {
    const id = ++state.numbers;
    state.work[String(id)] = { kind: 'replicate', id, asker, key: '', waiting };
  }
  for (const target of waiting) {
    const job = lookUp(state.jobs, target);
    if (job !== undefined) runJob(turn, job);
  }
}

function onMessage(turn: Turn, from: NodeId, message: Message): void {
  if (!isRunning(turn.state)) return;
  const heard = turn.state.knobs.mode === 'peers' ? 'word' : hear(turn, from, message);
  if (heard === 'lost' || heard === 'again') lose(turn, from);
  if (heard === 'again') connect(turn, from);
  if (heard === 'connected' || heard === 'again') {
    onTargetBack(turn, from);
    tellNextSoon(turn);
  }
  if (heard === 'word') dispatch(turn, from, message);
}

function onTimer(turn: Turn, timer: Timer): void {
  if (!isRunning(turn.state)) return;
  if (timer === 'tick') for (const peer of onTick(turn)) lose(turn, peer);
  else if (timer === 'reconnect') onReconnect(turn);
  else if (timer === 'system') onSystemTimer(turn);
  else if (timer === 'sync') onSyncTimer(turn);
  else if (timer === 'checkpoint') onCheckpointTimer(turn);
  else if (timer.startsWith('wait-')) onRequestTimeout(turn, timer.slice('wait-'.length));
  else if (timer.startsWith('job-')) onJobTimer(turn, timer.slice('job-'.length));
}

function lose(turn: Turn, peer: NodeId): void {
  const { state } = turn;
  if (state.knobs.mode === 'cluster') {
    if (!isConnected(state, peer)) return;
    disconnect(turn, peer);
    onNodeLost(turn, peer);
    onListenerLost(turn, peer);
    forgetStrangers(turn);
  }
  onTargetLost(turn, peer);
}
