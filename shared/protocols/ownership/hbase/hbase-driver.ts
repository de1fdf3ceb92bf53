import { unreachable } from '../../../base/assert.ts';
import { keysOf, lookUp } from '../../../base/table.ts';
import type { Driver, DriverInput, DriverOutput } from '../../../sim/driver.ts';
import type { NodeId, Operation, Outcome } from '../../../sim/operation.ts';
import type { Ambient, Config } from '../../../sim/protocol.ts';
import {
  ask,
  createClient,
  createClientStep,
  onClientTimer,
  onServerFrame,
  onServerGone,
  type ClientEvent,
  type ClientStep,
} from '../../coordination-client.ts';
import type { HBaseDriver, HBaseDriverKnobs, HBaseDriverState, OpenOperation } from './driver-types.ts';
import { ensembleOf } from './hbase.ts';
import { callOf, resultOf } from './operations.ts';
import { nodeOf, regionOf, secondariesOf } from './regions.ts';
import type { HBaseReply } from './types.ts';
import { describeReply, describeRequest } from './words.ts';

/** hbase.client.retries.number and hbase.client.pause with HConstants.RETRY_BACKOFF. Milliseconds. */
const ATTEMPTS_MAX = 16;
const PAUSE = 100;
const BACKOFF = [1, 2, 3, 5, 10, 20, 40, 100, 100, 100, 100, 200, 200];

/** hbase.rpc.timeout; to a server not reached before, hbase.ipc.client.socket.timeout.connect. */
const RPC_TIMEOUT = 60_000;
const CONNECT_TIMEOUT = 10_000;

/** hbase.client.primaryCallTimeout.get: 10 000 microseconds, then secondaries are asked too. */
const PRIMARY_TIMEOUT = 10;

/** Calls and ZooKeeper connections are numbered apart. */
const FIRST_CALL = 100_000;

/** How many secondaries are asked at most: their calls are numbered after the primary's. */
const CALLS_PER_ATTEMPT = 3;

/**
 * HBase's Java client. It looks up in ZooKeeper which region server has a row, remembers it, and tries again for
 * minutes when that server does not have it any more or does not answer: most failovers are only a long wait.
 */
export const hbaseDriver: Driver<HBaseDriver> = {
  refused: 'java.net.ConnectException: Connection refused',
  interrupted: 'java.io.IOException: Connection reset by peer',
  init,
  step,
  describeRequest,
  describeReply,
};

export const RETRIES_EXHAUSTED = `RetriesExhaustedException: Failed after attempts=${ATTEMPTS_MAX}, exceptions:`;
export const NOT_A_NUMBER = "DoNotRetryIOException: Field is not a long, it's 0 bytes wide";

function init({ self, nodes, knobs }: Config<HBaseDriverKnobs>): HBaseDriverState {
  const members = ensembleOf(nodes);
  const servers = members.includes(self) ? [self, ...members.filter((node) => node !== self)] : members;
  return {
    self,
    nodes,
    client: createClient(servers, knobs.sessionTimeout, false),
    locations: {},
    reached: {},
    calls: 0,
    open: {},
  };
}

type Output = DriverOutput<HBaseDriver>;
type Step = { readonly state: HBaseDriverState; readonly client: ClientStep; readonly outputs: Output[] };

function step(state: HBaseDriverState, input: DriverInput<HBaseDriver>, { random }: Ambient): Output[] {
  const step: Step = { state, client: createClientStep(state.client, random), outputs: [] };
  take(step, input);
  for (const event of step.client.events) onEvent(step, event);
  const asked = step.client.outputs.map((output): Output => {
    if (output.kind !== 'request') return output;
    return { ...output, request: { kind: 'coordination', frame: output.request } };
  });
  return [...asked, ...step.outputs];
}

function take(step: Step, input: DriverInput<HBaseDriver>): void {
  switch (input.kind) {
    case 'start':
      return;
    case 'operation':
      begin(step, input.operation);
      return;
    case 'reply':
      if (input.reply.kind === 'coordination') {
        onServerFrame(step.client, input.from, input.id, input.reply.frame);
      } else onReply(step, input.from, input.id, input.reply);
      return;
    case 'timer':
      onTimer(step, input.timer);
      return;
    case 'disconnected':
      onServerGone(step.client, input.from);
      delete step.state.reached[input.from];
      for (const open of opened(step)) if (open.server === input.from) failAttempt(step, open, true);
      return;
    default:
      unreachable(input);
  }
}

function begin(step: Step, operation: Operation): void {
  const open: OpenOperation = {
    operation,
    region: regionOf(operation.key),
    attempts: 0,
    lookup: 0,
    call: 0,
    server: null,
    doubtful: false,
  };
  step.state.open[operation.id] = open;
  attempt(step, open);
}

function attempt(step: Step, open: OpenOperation): void {
  open.attempts++;
  const known = lookUp(step.state.locations, open.region);
  if (known !== undefined) call(step, open, known);
  else open.lookup = ask(step.client, { kind: 'get', path: `regions/${open.region}`, watch: false });
}

function call(step: Step, open: OpenOperation, server: string): void {
  const { state, outputs } = step;
  const node = nodeOf(server);
  open.lookup = 0;
  open.server = node;
  open.call = FIRST_CALL + CALLS_PER_ATTEMPT * ++state.calls;
  const { id } = open.operation;
  const request = callOf(open.operation);
  outputs.push({
    kind: 'request',
    to: node,
    id: open.call,
    request: { kind: 'call', region: open.region, call: request },
  });
  const limit = lookUp(state.reached, node) === true ? RPC_TIMEOUT : CONNECT_TIMEOUT;
  outputs.push({ kind: 'set-timer', timer: `call-${id}`, after: limit });
  if (isTimeline(open)) outputs.push({ kind: 'set-timer', timer: `timeline-${id}`, after: PRIMARY_TIMEOUT });
}

function onReply(
  step: Step,
  from: NodeId,
  id: number,
  reply: Exclude<HBaseReply, { kind: 'coordination' }>,
): void {
  step.state.reached[from] = true;
  const open = opened(step).find(
    ({ call: first }) => first > 0 && id >= first && id < first + CALLS_PER_ATTEMPT,
  );
  if (open === undefined) return;
  if (reply.kind === 'result') {
    finish(step, open, { class: 'ok', result: resultOf(open.operation, reply) });
    return;
  }
  // Of the secondaries only an answer counts.
  if (id !== open.call) return;
  switch (reply.error) {
    case 'NotServingRegionException':
      failAttempt(step, open, false);
      return;
    case 'RegionServerStoppedException':
      failAttempt(step, open, true);
      return;
    case 'DoNotRetryIOException':
      finish(step, open, { class: 'fail', error: NOT_A_NUMBER });
      return;
    default:
      unreachable(reply.error);
  }
}

/** The location may be old, or the server dead: it is looked up again after a pause that grows. */
function failAttempt(step: Step, open: OpenOperation, isDoubtful: boolean): void {
  const { state, outputs } = step;
  const { id, kind } = open.operation;
  delete state.locations[open.region];
  open.lookup = 0;
  open.call = 0;
  open.server = null;
  if (isDoubtful && kind !== 'read') open.doubtful = true;
  outputs.push(
    { kind: 'cancel-timer', timer: `call-${id}` },
    { kind: 'cancel-timer', timer: `timeline-${id}` },
  );
  if (open.attempts >= ATTEMPTS_MAX) {
    finish(step, open, { class: open.doubtful ? 'info' : 'fail', error: RETRIES_EXHAUSTED });
    return;
  }
  const factor = BACKOFF[Math.min(open.attempts, BACKOFF.length) - 1] ?? 1;
  outputs.push({ kind: 'set-timer', timer: `retry-${id}`, after: PAUSE * factor });
}

function onTimer(step: Step, timer: string): void {
  if (timer === 'zk-connect' || timer === 'zk-ping' || timer === 'zk-silence') {
    onClientTimer(step.client, timer);
    return;
  }
  const at = timer.indexOf('-');
  const open = lookUp(step.state.open, timer.slice(at + 1));
  if (open === undefined) return;
  switch (timer.slice(0, at)) {
    case 'call':
      if (open.server !== null) delete step.state.reached[open.server];
      failAttempt(step, open, true);
      return;
    case 'retry':
      attempt(step, open);
      return;
    case 'timeline':
      askSecondaries(step, open);
      return;
  }
}

function askSecondaries(step: Step, open: OpenOperation): void {
  const { nodes } = step.state;
  if (open.server === null) return;
  const request = { kind: 'call', region: open.region, call: callOf(open.operation) } as const;
  secondariesOf(nodes, open.server).forEach((to, i) => {
    step.outputs.push({ kind: 'request', to, id: open.call + 1 + i, request });
  });
}

function onEvent(step: Step, event: ClientEvent): void {
  switch (event.kind) {
    case 'answer': {
      const open = lookingUp(step, event.xid);
      if (open === undefined) return;
      const { answer } = event;
      if (answer.kind !== 'znode' || answer.znode === null) {
        failAttempt(step, open, false);
        return;
      }
      const server = String(answer.znode.value);
      step.state.locations[open.region] = server;
      call(step, open, server);
      return;
    }
    case 'lost': {
      const open = lookingUp(step, event.xid);
      if (open !== undefined) failAttempt(step, open, false);
      return;
    }
    case 'expired':
      for (const xid of event.xids) {
        const open = lookingUp(step, xid);
        if (open !== undefined) failAttempt(step, open, false);
      }
      return;
    case 'connected':
    case 'changed':
      return;
    default:
      unreachable(event);
  }
}

function finish({ state, outputs }: Step, open: OpenOperation, outcome: Outcome): void {
  const { id } = open.operation;
  delete state.open[id];
  for (const timer of ['call', 'retry', 'timeline'] as const) {
    outputs.push({ kind: 'cancel-timer', timer: `${timer}-${id}` });
  }
  outputs.push({ kind: 'finish', id, outcome });
}

function lookingUp(step: Step, xid: number): OpenOperation | undefined {
  return opened(step).find(({ lookup }) => lookup === xid);
}

function opened({ state }: Step): OpenOperation[] {
  return keysOf(state.open).flatMap((id) => state.open[id] ?? []);
}

function isTimeline({ operation }: OpenOperation): boolean {
  return operation.kind === 'read' && operation.options?.['timeline'] === true;
}
