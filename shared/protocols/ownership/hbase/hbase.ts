import { unreachable } from '../../../base/assert.ts';
import { freeze } from '../../../base/json.ts';
import { keysOf, lookUp } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import type { Ambient, Config, Input, Output, Protocol } from '../../../sim/protocol.ts';
import {
  createClient,
  onClientTimer,
  onServerFrame,
  onServerGone,
  openHandle,
  type ClientEvent,
} from '../../coordination-client.ts';
import { onLogRequest } from './data-node.ts';
import { describeMessage, describeState, view } from './describe.ts';
import { stepEnsemble, withClient } from './ensemble.ts';
import {
  createMaster,
  onMasterAnswer,
  onMasterTimer,
  onMasterWatch,
  onRecovered,
  onRegionOpened,
  stand,
} from './master.ts';
import {
  abort,
  createServer,
  listen,
  onAck,
  onCall,
  onLogCreated,
  onNodeGone,
  onOpenRegion,
  onPipelineAnswer,
  onPipelineSilent,
  onRefused,
  onRegistered,
  register,
} from './region-server.ts';
import { finish } from './turn.ts';
import type {
  Ensemble,
  HBase,
  HBaseDurable,
  HBaseKnobs,
  HBaseMessage,
  HBaseState,
  Purpose,
  Turn,
} from './types.ts';
import { resend } from './wal.ts';

/** How many nodes run ZooKeeper's servers and stand for master: the first ones. */
const MEMBERS = 3;

/** Numbers of connections carry the incarnation, so that a restart uses none again. */
const IDS_PER_INCARNATION = 1_000_000;

/** conf/zoo_sample.cfg, as for ZooKeeper itself; a session is granted 40 seconds at most. */
const ENSEMBLE_KNOBS = { tickTime: 2000, initLimit: 10, syncLimit: 5, readOnlyMode: false };

/**
 * HBase: each range of keys is served by exactly one region server, which writes its changes to a log in HDFS
 * first. ZooKeeper's sessions say who is alive. When a server is taken for dead, its log is closed to it before
 * it is replayed elsewhere: no acknowledged write is lost, and nobody can use that range meanwhile.
 */
export function createHBase(ensemble: Ensemble): Protocol<HBase> {
  return {
    name: 'hbase',
    channel: 'stream',
    connections: true,
    init: (config, durable) => init(ensemble, config, durable),
    step: (state, input, ambient) => step(ensemble, state, input, ambient),
    durable: (state) => ({
      ensemble: state.ensemble === null ? null : ensemble.durable(state.ensemble),
      logs: state.logs,
    }),
    freeze: (state) => {
      if (state.ensemble !== null) ensemble.freeze?.(state.ensemble);
      for (const log of keysOf(state.logs)) state.logs[log]?.entries.forEach(freeze);
    },
    view: (state) => view(ensemble, state),
    describeMessage: (message) => describeMessage(ensemble, message),
    describeState,
  };
}

/** The nodes whose ZooKeeper servers clients connect to. */
export function ensembleOf(nodes: readonly NodeId[]): NodeId[] {
  return nodes.slice(0, MEMBERS);
}

function init(ensemble: Ensemble, config: Config<HBaseKnobs>, durable: HBaseDurable | null): HBaseState {
  const { self, nodes, knobs, incarnation } = config;
  const { sessionTimeout, selfAbortAfter, fenceBeforeReplay } = knobs;
  const members = ensembleOf(nodes);
  const isMember = members.includes(self);
  const part = { self, nodes: members, members, knobs: ENSEMBLE_KNOBS, incarnation };
  return {
    self,
    nodes,
    incarnation,
    knobs: { sessionTimeout, selfAbortAfter, fenceBeforeReplay },
    members,
    ensemble: isMember ? ensemble.init(part, durable?.ensemble ?? null) : null,
    client: {
      ...createClient(members, sessionTimeout, false),
      connections: incarnation * IDS_PER_INCARNATION,
    },
    asked: {},
    starts: 1,
    server: createServer({ self, incarnation, starts: 1 }),
    master: isMember ? createMaster() : null,
    logs: durable?.logs ?? {},
    secondaries: {},
  };
}

function step(ensemble: Ensemble, state: HBaseState, input: Input<HBase>, ambient: Ambient): Output<HBase>[] {
  const turn: Turn = { ...ambient, state, outputs: [], ensemble, local: [], draws: 0 };
  take(turn, input);
  for (let message = turn.local.shift(); message !== undefined; message = turn.local.shift()) {
    onMessage(turn, state.self, message);
  }
  return finish(turn);
}

function take(turn: Turn, input: Input<HBase>): void {
  switch (input.kind) {
    case 'start':
      stepEnsemble(turn, { kind: 'start' });
      withClient(turn, openHandle);
      return;
    case 'message':
      onMessage(turn, input.from, input.message);
      return;
    case 'timer':
      onTimer(turn, input.timer);
      return;
    case 'request': {
      const { from, id, request } = input;
      if (request.kind === 'call') onCall(turn, from, id, request.region, request.call);
      else stepEnsemble(turn, { kind: 'request', from, id, request: request.frame });
      return;
    }
    case 'disconnected':
      stepEnsemble(turn, input);
      onEvents(
        turn,
        withClient(turn, (client) => onServerGone(client, input.from)),
      );
      onNodeGone(turn, input.from);
      return;
    default:
      unreachable(input);
  }
}

function onMessage(turn: Turn, from: NodeId, message: HBaseMessage): void {
  switch (message.kind) {
    case 'ensemble':
      stepEnsemble(turn, { kind: 'message', from, message: message.message });
      return;
    case 'ask-ensemble':
      stepEnsemble(turn, { kind: 'request', from, id: -message.id, request: message.frame });
      return;
    case 'ensemble-answers': {
      const { id, frame } = message;
      if (frame.kind !== 'closed') listen(turn);
      onEvents(
        turn,
        withClient(turn, (client) => onServerFrame(client, from, id, frame)),
      );
      return;
    }
    case 'log-open':
    case 'log-append':
    case 'log-recover':
      onLogRequest(turn, from, message);
      return;
    case 'log-ack':
      onAck(turn, from, message);
      return;
    case 'log-refused':
      onRefused(turn, from, message);
      return;
    case 'log-recovered':
      onRecovered(turn, from, message);
      return;
    case 'open-region':
      onOpenRegion(turn, message);
      return;
    case 'region-opened':
      onRegionOpened(turn, message);
      return;
    case 'replicate':
      onReplicate(turn, message);
      return;
    default:
      unreachable(message);
  }
}

function onTimer(turn: Turn, timer: string): void {
  if (timer.startsWith('ensemble:')) {
    stepEnsemble(turn, { kind: 'timer', timer: timer.slice('ensemble:'.length) });
    return;
  }
  switch (timer) {
    case 'zk-connect':
    case 'zk-ping':
    case 'zk-silence':
      onEvents(
        turn,
        withClient(turn, (client) => onClientTimer(client, timer)),
      );
      return;
    case 'self-abort':
      onSelfAbort(turn);
      return;
    case 'wal-resend':
      if (turn.state.server.wal.synced < turn.state.server.wal.entries.length) resend(turn);
      return;
    case 'wal-timeout':
      onPipelineSilent(turn);
      return;
    case 'master':
      onMasterTimer(turn);
      return;
  }
}

function onEvents(turn: Turn, events: readonly ClientEvent[]): void {
  for (const event of events) onEvent(turn, event);
}

function onEvent(turn: Turn, event: ClientEvent): void {
  const { state } = turn;
  switch (event.kind) {
    case 'answer': {
      const purpose = lookUp(state.asked, `${event.xid}`);
      delete state.asked[`${event.xid}`];
      if (purpose !== undefined) onAnswer(turn, purpose, event.answer);
      return;
    }
    case 'lost':
      delete state.asked[`${event.xid}`];
      return;
    case 'changed':
      onMasterWatch(turn, event.path);
      return;
    case 'connected':
      register(turn);
      stand(turn);
      return;
    case 'expired':
      abort(turn, 'its session has expired');
      withClient(turn, openHandle);
      return;
    default:
      unreachable(event);
  }
}

function onAnswer(
  turn: Turn,
  purpose: Purpose,
  answer: Extract<ClientEvent, { kind: 'answer' }>['answer'],
): void {
  switch (purpose.kind) {
    case 'register':
      onRegistered(turn);
      return;
    case 'create-log':
      onLogCreated(turn);
      return;
    case 'change-pipeline':
      onPipelineAnswer(turn, answer.kind === 'znode' ? (answer.znode?.version ?? null) : null);
      return;
    default:
      onMasterAnswer(turn, purpose, answer);
  }
}

/** Too long without ZooKeeper: the session may be over without this server knowing. */
function onSelfAbort(turn: Turn): void {
  abort(turn, 'ZooKeeper is not to be reached');
  withClient(turn, openHandle);
}

function onReplicate({ state }: Turn, { region, cells }: HBaseMessage & { kind: 'replicate' }): void {
  const copy = lookUp(state.secondaries, region) ?? {};
  state.secondaries[region] = copy;
  for (const key of keysOf(cells)) {
    const cell = cells[key];
    if (cell !== undefined && cell.sequence > (lookUp(copy, key)?.sequence ?? 0)) copy[key] = cell;
  }
}
