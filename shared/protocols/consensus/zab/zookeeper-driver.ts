import { unreachable } from '../../../base/assert.ts';
import { keysOf, lookUp, type Table } from '../../../base/table.ts';
import type { Driver, DriverInput, DriverOutput } from '../../../sim/driver.ts';
import type { NodeId, Operation, Outcome } from '../../../sim/operation.ts';
import type { Ambient, Config } from '../../../sim/protocol.ts';
import type { ClientBody, ClientRequest, ServerBody } from '../../coordination.ts';
import {
  ask,
  createClient,
  createClientStep,
  onClientTimer,
  onServerFrame,
  onServerGone,
  type ClientEvent,
  type ClientState,
  type ClientStep,
  type ClientTimer,
} from '../../coordination-client.ts';
import type { Frame } from '../../connection.ts';
import { lookAtLine } from './lock.ts';
import {
  errorText,
  fail,
  firstRequest,
  onAnswer,
  pathOf,
  type Next,
  type OpenOperation,
} from './operations.ts';
import { describeClientFrame, describeServerFrame } from './words.ts';

export type ZooKeeperDriver = {
  readonly knobs: ZooKeeperDriverKnobs;
  readonly state: ZooKeeperDriverState;
  readonly timer: ClientTimer;
  readonly request: Frame<ClientBody>;
  readonly reply: Frame<ServerBody>;
};

export type ZooKeeperDriverKnobs = {
  /** The session timeout that clients ask for. Milliseconds. */
  readonly sessionTimeout: number;
  /** Whether clients are content with a server that has no leader. */
  readonly readOnlyMode: boolean;
};

export type ZooKeeperDriverState = {
  readonly client: ClientState;
  /** Operations under way, by id. */
  readonly open: Table<OpenOperation>;
  /** The znodes of locks that this client believes it holds, by key. */
  locks: Table<string>;
};

/** Requests that change something: when their answer is lost, nobody can say whether they did. */
const CHANGES: readonly ClientRequest['kind'][] = ['set', 'create', 'delete', 'reconfig'];

/** How many servers a connect string names. */
const SERVERS_MAX = 5;

/**
 * ZooKeeper's Java client with Curator's lock. The handle is opened with the first operation. It tries the server
 * of its own node first and goes on to others when that one has no leader. Of a change that was under way when
 * the connection broke nobody can say what became of it. That the session has expired it learns only when it
 * reaches a server again.
 */
export const zooKeeperDriver: Driver<ZooKeeperDriver> = {
  refused: 'java.net.ConnectException: Connection refused',
  interrupted: 'KeeperErrorCode = ConnectionLoss',
  init,
  step,
  describeRequest: describeClientFrame,
  describeReply: describeServerFrame,
};

function init({ self, nodes, knobs }: Config<ZooKeeperDriverKnobs>): ZooKeeperDriverState {
  return {
    client: createClient(connectString(self, nodes), knobs.sessionTimeout, knobs.readOnlyMode),
    open: {},
    locks: {},
  };
}

/** The own server and those that follow in the list of nodes. */
function connectString(self: NodeId, nodes: readonly NodeId[]): NodeId[] {
  const place = nodes.indexOf(self);
  return [...nodes.slice(place), ...nodes.slice(0, place)].slice(0, SERVERS_MAX);
}

type Output = DriverOutput<ZooKeeperDriver>;
type Step = {
  readonly state: ZooKeeperDriverState;
  readonly client: ClientStep;
  readonly finished: Output[];
};

function step(
  state: ZooKeeperDriverState,
  input: DriverInput<ZooKeeperDriver>,
  { random }: Ambient,
): Output[] {
  const step: Step = { state, client: createClientStep(state.client, random), finished: [] };
  take(step, input);
  for (const event of step.client.events) onEvent(step, event);
  return [...step.client.outputs, ...step.finished];
}

function take(step: Step, input: DriverInput<ZooKeeperDriver>): void {
  switch (input.kind) {
    case 'start':
      return;
    case 'operation':
      begin(step, input.operation);
      return;
    case 'reply':
      onServerFrame(step.client, input.from, input.id, input.reply);
      return;
    case 'timer':
      if (isClientTimer(input.timer)) onClientTimer(step.client, input.timer);
      return;
    case 'disconnected':
      onServerGone(step.client, input.from);
      return;
    default:
      unreachable(input);
  }
}

function begin(step: Step, operation: Operation): void {
  const open: OpenOperation = {
    operation,
    asked: null,
    xid: 0,
    hasChanged: false,
    seen: null,
    path: null,
    token: null,
  };
  step.state.open[operation.id] = open;
  goOn(step, open, firstRequest(open, lookUp(step.state.locks, operation.key)));
}

function goOn(step: Step, open: OpenOperation, next: Next): void {
  switch (next.kind) {
    case 'ask': {
      const { kind } = next.request;
      open.asked = next.request;
      if (CHANGES.includes(kind)) open.hasChanged = true;
      open.xid = ask(step.client, next.request);
      return;
    }
    case 'wait':
      open.asked = null;
      open.xid = 0;
      return;
    case 'finish':
      finish(step, open, next.outcome);
      return;
    default:
      unreachable(next);
  }
}

function onEvent(step: Step, event: ClientEvent): void {
  switch (event.kind) {
    case 'answer': {
      const open = waitingFor(step, event.xid);
      if (open !== undefined) goOn(step, open, onAnswer(open, event.answer));
      return;
    }
    case 'lost': {
      const open = waitingFor(step, event.xid);
      if (open !== undefined) onLost(step, open);
      return;
    }
    case 'changed':
      onChanged(step, event.path);
      return;
    case 'connected':
      onConnected(step);
      return;
    case 'expired':
      onExpired(step, event.xids);
      return;
    default:
      unreachable(event);
  }
}

/** Locks and watches outlive a connection; everything else has failed. */
function onLost(step: Step, open: OpenOperation): void {
  const { kind } = open.operation;
  if (kind === 'lock' || (kind === 'watch' && open.seen !== null)) {
    goOn(step, open, { kind: 'wait' });
    return;
  }
  const error = errorText('ConnectionLoss', pathOf(open.operation));
  finish(step, open, { class: open.hasChanged ? 'info' : 'fail', error });
}

/** A watch has fired. Who waits for it looks again. */
function onChanged(step: Step, path: string): void {
  for (const open of waiting(step)) {
    const { kind, key } = open.operation;
    if (kind === 'lock' && path.startsWith(`${key}/`)) {
      goOn(step, open, { kind: 'ask', request: lookAtLine(open) });
    } else if (kind === 'watch' && path === key) goOn(step, open, firstRequest(open, undefined));
  }
}

/** The server of the new connection knows nothing of the watches left at another. */
function onConnected(step: Step): void {
  for (const open of waiting(step)) {
    if (open.operation.kind === 'lock') goOn(step, open, { kind: 'ask', request: lookAtLine(open) });
    else goOn(step, open, firstRequest(open, undefined));
  }
}

/** Locks and watches end with their session; what had not been sent yet certainly was not done. */
function onExpired(step: Step, xids: readonly number[]): void {
  const { state } = step;
  state.locks = {};
  for (const id of keysOf(state.open)) {
    const open = state.open[id];
    if (open === undefined || !(open.asked === null || xids.includes(open.xid))) continue;
    goOn(step, open, fail(errorText('Session expired', pathOf(open.operation))));
  }
}

function finish(step: Step, open: OpenOperation, outcome: Outcome): void {
  const { state } = step;
  const { id, kind, key } = open.operation;
  delete state.open[id];
  if (outcome.class === 'ok' && kind === 'lock' && open.path !== null) state.locks[key] = open.path;
  if (outcome.class === 'ok' && kind === 'unlock') delete state.locks[key];
  step.finished.push({ kind: 'finish', id, outcome });
}

function waitingFor({ state }: Step, xid: number): OpenOperation | undefined {
  const id = keysOf(state.open).find((name) => state.open[name]?.xid === xid);
  return id === undefined ? undefined : state.open[id];
}

/** Operations that wait for a watch, or for a connection. */
function waiting({ state }: Step): OpenOperation[] {
  return keysOf(state.open).flatMap((id) => {
    const open = state.open[id];
    return open?.asked === null ? [open] : [];
  });
}

function isClientTimer(timer: string): timer is ClientTimer {
  return timer === 'zk-connect' || timer === 'zk-ping' || timer === 'zk-silence';
}
