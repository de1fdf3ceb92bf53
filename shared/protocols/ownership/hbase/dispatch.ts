import { unreachable } from '../../../base/assert.ts';
import { keysOf, lookUp } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import type { Input } from '../../../sim/protocol.ts';
import { onClientTimer, onServerFrame, onServerGone, type ClientEvent } from '../../coordination-client.ts';
import { onBalancerTimer, onRegionClosed, onReport, onUnload } from './balancer.ts';
import { onLogRequest } from './data-node.ts';
import { stepEnsemble, withClient } from './ensemble.ts';
import { onMasterAnswer, onMasterTimer, onMasterWatch, onRegionOpened, stand } from './master.ts';
import { onRecovered } from './recovery.ts';
import { onCloseRegion, onRegionAnnounced, onRegionMoved, report } from './region-moves.ts';
import {
  abort,
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
import { connect, isIdle, onLogRemoved, onUnregistered, startServer, stopServer } from './server-process.ts';
import type { HBase, HBaseMessage, HBaseRequest, Purpose, Turn } from './types.ts';
import { resend } from './wal.ts';

/** Hands an input to the process that it is for: ZooKeeper's server, the data node, the region server, the master. */
export function take(turn: Turn, input: Input<HBase>): void {
  switch (input.kind) {
    case 'start':
      stepEnsemble(turn, { kind: 'start' });
      connect(turn);
      return;
    case 'message':
      onMessage(turn, input.from, input.message);
      return;
    case 'timer':
      onTimer(turn, input.timer);
      return;
    case 'request':
      onRequest(turn, input.from, input.id, input.request);
      return;
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

function onRequest(turn: Turn, from: NodeId, id: number, request: HBaseRequest): void {
  switch (request.kind) {
    case 'coordination':
      stepEnsemble(turn, { kind: 'request', from, id, request: request.frame });
      return;
    case 'call':
      onCall(turn, from, id, request);
      return;
    case 'start-server':
      startServer(turn, from, id);
      return;
    case 'stop-server':
      stopServer(turn, from, id);
      return;
    case 'unload-server':
      onUnload(turn, from, id, request.node);
      return;
    default:
      unreachable(request);
  }
}

/** A message of another node, or of this one to itself. */
export function onMessage(turn: Turn, from: NodeId, message: HBaseMessage): void {
  switch (message.kind) {
    case 'ensemble':
      stepEnsemble(turn, { kind: 'message', from, message: message.message });
      return;
    case 'ask-ensemble':
      stepEnsemble(turn, { kind: 'request', from, id: -message.id, request: message.frame });
      return;
    case 'ensemble-answers': {
      const { id, frame } = message;
      if (frame.kind !== 'closed' && !isIdle(turn.state)) listen(turn);
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
    case 'report':
      onReport(turn, message);
      return;
    case 'close-region':
      onCloseRegion(turn, message);
      return;
    case 'region-closed':
      onRegionClosed(turn, message);
      return;
    case 'region-announced':
      onRegionAnnounced(turn, message);
      return;
    case 'region-moved':
      onRegionMoved(turn, message);
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
      if (isIdle(turn.state)) return;
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
    case 'report':
      report(turn);
      return;
    case 'master':
      onMasterTimer(turn);
      return;
    case 'balancer':
      onBalancerTimer(turn);
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
      connect(turn);
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
    case 'remove-log':
      onLogRemoved(turn);
      return;
    case 'unregister':
      onUnregistered(turn);
      return;
    default:
      onMasterAnswer(turn, purpose, answer);
  }
}

/** Too long without ZooKeeper: the session may be over without this server knowing. */
function onSelfAbort(turn: Turn): void {
  abort(turn, 'ZooKeeper is not to be reached');
  connect(turn);
}

function onReplicate({ state }: Turn, { region, cells }: HBaseMessage & { kind: 'replicate' }): void {
  if (state.server.phase === 'stopped') return;
  const copy = lookUp(state.secondaries, region) ?? {};
  state.secondaries[region] = copy;
  for (const key of keysOf(cells)) {
    const cell = cells[key];
    if (cell !== undefined && cell.sequence > (lookUp(copy, key)?.sequence ?? 0)) copy[key] = cell;
  }
}
