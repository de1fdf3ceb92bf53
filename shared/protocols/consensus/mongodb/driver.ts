import { unreachable } from '../../../base/assert.ts';
import { keysOf, type Table } from '../../../base/table.ts';
import type { Driver, DriverInput } from '../../../sim/driver.ts';
import type { NodeId, Outcome } from '../../../sim/operation.ts';
import type { Ambient, Config } from '../../../sim/protocol.ts';
import { createReplicaSet } from './config.ts';
import { openOperation, resultOf } from './driver-commands.ts';
import type {
  DriverOutputs,
  MongoDriver,
  MongoDriverKnobs,
  MongoDriverState,
  OpenOperation,
  Server,
} from './driver-types.ts';
import { BEGINNING, compare } from './oplog.ts';
import type { Reply, ServerError } from './requests.ts';
import { check, createServer, forget, hurry, onHello, onMonitorTimer, selectServer } from './topology.ts';
import type { OpTime } from './types.ts';
import { describeReply, describeRequest } from './words.ts';

/** A command that a link may have lost is sent again, as TCP would: after one second, then two, up to eight. */
const RESEND_MS = 1000;
const RESEND_MAX_MS = 8000;

/**
 * MongoDB's Node.js driver: it watches every member, sends writes to the primary and reads wherever their
 * preference allows, and tries once more what failed because the primary has changed. Retries carry the same
 * transaction number, so that a write is done once. (mongodb/specifications: server discovery and monitoring,
 * server selection, retryable writes and reads.)
 */
export const mongoDriver: Driver<MongoDriver> = {
  refused: 'connect ECONNREFUSED 127.0.0.1:27017',
  interrupted: 'connection 1 to 127.0.0.1:27017 closed',
  init,
  step,
  describeRequest,
  describeReply,
};

function init({ self, members, knobs, incarnation }: Config<MongoDriverKnobs>): MongoDriverState {
  const servers: Table<Server> = {};
  for (const member of createReplicaSet(members, knobs).members) servers[member] = createServer();
  return {
    self,
    incarnation,
    knobs,
    servers,
    electionId: 0,
    requests: 0,
    sessions: [],
    open: {},
    operationTime: BEGINNING,
  };
}

function step(state: MongoDriverState, input: DriverInput<MongoDriver>, ambient: Ambient): DriverOutputs {
  switch (input.kind) {
    case 'start':
      return keysOf(state.servers).flatMap((node) => check(state, node, ambient.now));
    case 'operation': {
      const open = openOperation(state, input.operation);
      state.open[input.operation.id] = open;
      return waitForServer(state, open, ambient);
    }
    case 'reply':
      return onReply(state, input, ambient);
    case 'timer':
      return onTimer(state, input.timer, ambient);
    case 'disconnected':
      return onNetworkError(state, input.from, `connection 1 to ${input.from}:27017 closed`, ambient);
    default:
      return unreachable(input);
  }
}

function onReply(
  state: MongoDriverState,
  { from, id, reply }: Extract<DriverInput<MongoDriver>, { kind: 'reply' }>,
  ambient: Ambient,
): DriverOutputs {
  if (reply.kind === 'hello') {
    const outputs: DriverOutputs = [];
    const isNews = onHello(state, from, { id, hello: reply, now: ambient.now }, outputs);
    if (!isNews) return outputs;
    outputs.push(...followHosts(state, reply, ambient));
    return [...outputs, ...serveWaiting(state, ambient)];
  }
  const open = openOf(state).find(({ request }) => request === id);
  if (open === undefined) return [];
  if (reply.kind === 'found' || reply.kind === 'written') remember(state, open, reply.operationTime);
  switch (reply.kind) {
    case 'found':
      return finish(state, open, { class: 'ok', result: { value: reply.value } });
    case 'written':
      if (reply.concern === null) {
        return finish(state, open, { class: 'ok', result: resultOf(open, reply.result) });
      }
      open.doubtful = true;
      return onError(state, open, reply.concern, ambient);
    case 'reconfigured':
      return finish(state, open, { class: 'ok', result: { value: reply.members } });
    case 'error':
      if (reply.error.doubtful === true) open.doubtful = true;
      return onError(state, open, reply.error, ambient);
    default:
      return unreachable(reply);
  }
}

/**
 * The primary says who the members are: new ones are watched from now on, others no longer. Without a primary whoever
 * answers can only add to them (server discovery and monitoring, updateRSWithoutPrimary).
 */
function followHosts(
  state: MongoDriverState,
  { type, electionId, hosts }: Extract<Reply, { kind: 'hello' }>,
  ambient: Ambient,
): DriverOutputs {
  if (hosts === undefined || (type === 'primary' && electionId < state.electionId)) return [];
  const hasPrimary = keysOf(state.servers).some((node) => state.servers[node]?.type === 'primary');
  if (type !== 'primary' && hasPrimary) return [];
  const outputs: DriverOutputs = [];
  for (const host of hosts.filter((node) => state.servers[node] === undefined)) {
    state.servers[host] = createServer();
    outputs.push(...check(state, host, ambient.now));
  }
  if (type !== 'primary') return outputs;
  for (const gone of keysOf(state.servers).filter((node) => !hosts.includes(node))) {
    outputs.push(...onNetworkError(state, gone, `connection 1 to ${gone}:27017 closed`, ambient));
    delete state.servers[gone];
    outputs.push({ kind: 'cancel-timer', timer: `monitor-${gone}` });
  }
  return outputs;
}

/** Whatever the session asks from here on must have seen this as well. */
function remember(state: MongoDriverState, { causal }: OpenOperation, operationTime: OpTime): void {
  if (causal && compare(operationTime, state.operationTime) > 0) state.operationTime = operationTime;
}

/** The server is not, or no longer, what the driver took it for: it is asked who it is, and another may do better. */
function onError(
  state: MongoDriverState,
  open: OpenOperation,
  { message, retryable }: ServerError,
  ambient: Ambient,
): DriverOutputs {
  if (!retryable || open.server === null) return fail(state, open, message);
  const outputs = [...forget(state, open.server), ...check(state, open.server, ambient.now)];
  return [...outputs, ...retry(state, open, message, ambient)];
}

/** A member's process died, or its monitor has given up: whatever was under way there may or may not be done. */
function onNetworkError(
  state: MongoDriverState,
  node: NodeId,
  error: string,
  ambient: Ambient,
): DriverOutputs {
  const outputs = forget(state, node);
  for (const open of openOf(state)) {
    if (open.server !== node) continue;
    open.doubtful = true;
    outputs.push(...retry(state, open, error, ambient));
  }
  if (openOf(state).some(({ server }) => server === null)) outputs.push(...hurry(state));
  return outputs;
}

function retry(state: MongoDriverState, open: OpenOperation, error: string, ambient: Ambient): DriverOutputs {
  const mayRetry = open.session === null ? open.command.kind === 'find' : state.knobs.retryWrites;
  if (!mayRetry || open.attempts > 1) return fail(state, open, error);
  open.server = null;
  open.request = 0;
  return [
    { kind: 'cancel-timer', timer: `resend-${open.operation.id}` },
    ...waitForServer(state, open, ambient),
  ];
}

function waitForServer(state: MongoDriverState, open: OpenOperation, ambient: Ambient): DriverOutputs {
  const asked = serve(state, open, ambient);
  if (asked.length > 0) return asked;
  const after = state.knobs.serverSelectionTimeoutMS;
  return [{ kind: 'set-timer', timer: `select-${open.operation.id}`, after }, ...hurry(state)];
}

function serveWaiting(state: MongoDriverState, ambient: Ambient): DriverOutputs {
  return openOf(state)
    .filter(({ server }) => server === null)
    .flatMap((open) => serve(state, open, ambient));
}

/** Sends an operation to a server that suits it; nothing, while none is known. */
function serve(state: MongoDriverState, open: OpenOperation, { random }: Ambient): DriverOutputs {
  const server = selectServer(state, open.preference, random);
  if (server === null) return [];
  open.server = server;
  open.request = ++state.requests;
  open.attempts++;
  open.resendAfter = RESEND_MS;
  return [{ kind: 'cancel-timer', timer: `select-${open.operation.id}` }, ...send(state, open)];
}

/** Between driver and member of one machine nothing is lost. */
function send(state: MongoDriverState, open: OpenOperation): DriverOutputs {
  const { server, request: id, command: request, resendAfter: after, operation } = open;
  if (server === null) return [];
  const sent: DriverOutputs = [{ kind: 'request', to: server, id, request }];
  return server === state.self
    ? sent
    : [...sent, { kind: 'set-timer', timer: `resend-${operation.id}`, after }];
}

function onTimer(state: MongoDriverState, timer: string, ambient: Ambient): DriverOutputs {
  const at = timer.indexOf('-');
  const name = timer.slice(at + 1);
  if (timer.slice(0, at) === 'monitor') {
    const outputs: DriverOutputs = [];
    if (!onMonitorTimer(state, name, ambient.now, outputs)) return outputs;
    const error = `Connection to ${name}:27017 interrupted due to server monitor timeout`;
    return [...outputs, ...onNetworkError(state, name, error, ambient)];
  }
  const open = state.open[name];
  if (open === undefined) return [];
  if (timer.startsWith('resend-')) {
    open.resendAfter = Math.min(2 * open.resendAfter, RESEND_MAX_MS);
    // If only the answer was lost, an error that comes now says nothing of the first copy.
    open.doubtful = true;
    return send(state, open);
  }
  return fail(state, open, `Server selection timed out after ${state.knobs.serverSelectionTimeoutMS} ms`);
}

/** A read changes nothing, so it has certainly failed; a write only if no attempt can have been carried out. */
function fail(state: MongoDriverState, open: OpenOperation, error: string): DriverOutputs {
  const isDoubtful = open.doubtful && open.command.kind !== 'find';
  return finish(state, open, { class: isDoubtful ? 'info' : 'fail', error });
}

function finish(state: MongoDriverState, open: OpenOperation, outcome: Outcome): DriverOutputs {
  const { id } = open.operation;
  delete state.open[id];
  return [
    { kind: 'cancel-timer', timer: `select-${id}` },
    { kind: 'cancel-timer', timer: `resend-${id}` },
    { kind: 'finish', id, outcome },
  ];
}

function openOf({ open }: MongoDriverState): OpenOperation[] {
  return keysOf(open).flatMap((id) => open[id] ?? []);
}
