import { lookUp } from '../../../base/table.ts';
import type { DriverOutput } from '../../../sim/driver.ts';
import type { NodeId, Operation, Outcome } from '../../../sim/operation.ts';
import { ask, type ClientStep } from '../../coordination-client.ts';
import type { HBaseDriver, HBaseDriverState, OpenOperation } from './driver-types.ts';
import { ATTEMPTS_MAX, RETRIES_EXHAUSTED, TOOL_ERRORS } from './driver-errors.ts';
import { callOf } from './operations.ts';
import { firstServer, nodeOf, regionOf, secondariesOf } from './regions.ts';
import type { HBaseRequest } from './types.ts';

/** hbase.client.pause with HConstants.RETRY_BACKOFF. Milliseconds. */
const PAUSE = 100;
const BACKOFF = [1, 2, 3, 5, 10, 20, 40, 100, 100, 100, 100, 200, 200];

/** hbase.rpc.timeout; to a server not reached before, hbase.ipc.client.socket.timeout.connect. */
const RPC_TIMEOUT = 60_000;
const CONNECT_TIMEOUT = 10_000;

/** For how long Linux tries to connect (tcp_syn_retries 6), when ssh goes to a machine. */
const SSH_TIMEOUT = 127_000;

/** hbase.client.primaryCallTimeout.get: 10 000 microseconds, then secondaries are asked too. */
const PRIMARY_TIMEOUT = 10;

/** Calls and ZooKeeper connections are numbered apart. */
const FIRST_CALL = 100_000;

/** How many secondaries are asked at most: their calls are numbered after the primary's. */
export const CALLS_PER_ATTEMPT = 3;

export type Output = DriverOutput<HBaseDriver>;
/** One step of the driver: its state, its ZooKeeper client, what it does. */
export type Step = {
  readonly state: HBaseDriverState;
  readonly client: ClientStep;
  readonly outputs: Output[];
};

/** An operation begins: the server of its row is asked, or looked up first. */
export function begin(step: Step, operation: Operation): void {
  const open: OpenOperation = {
    operation,
    region: regionOf(operation.key),
    attempts: 0,
    lookup: 0,
    call: 0,
    server: null,
    doubtful: false,
    ...(operation.kind === 'join' ? { errand: 'start' } : {}),
    ...(operation.kind === 'leave' ? { errand: 'unload' } : {}),
  };
  step.state.open[operation.id] = open;
  attempt(step, open);
}

/** Asks once more. */
export function attempt(step: Step, open: OpenOperation): void {
  open.attempts++;
  if (open.errand === 'start' || open.errand === 'stop') goTo(step, open, open.errand);
  else if (open.errand === 'unload') lookUpIn(step, open, 'master');
  else {
    const known = lookUp(step.state.locations, open.region);
    if (known !== undefined) call(step, open, known);
    else lookUpIn(step, open, `regions/${open.region}`);
  }
}

/** ZooKeeper has told where the row is, or who is the active master. */
export function onLocated(step: Step, open: OpenOperation, location: string): void {
  if (open.errand !== undefined) {
    request(step, open, location, { kind: 'unload-server', node: open.operation.key }, RPC_TIMEOUT);
    return;
  }
  step.state.locations[open.region] = location;
  call(step, open, location);
}

function lookUpIn(step: Step, open: OpenOperation, path: string): void {
  open.lookup = ask(step.client, { kind: 'get', path, watch: false });
}

function call(step: Step, open: OpenOperation, server: string): void {
  const { state, outputs } = step;
  const node = nodeOf(server);
  const limit = lookUp(state.reached, node) === true ? RPC_TIMEOUT : CONNECT_TIMEOUT;
  const { region, operation } = open;
  const named = state.names === true || server !== firstServer(node) ? { server } : {};
  request(step, open, node, { kind: 'call', region, call: callOf(operation), ...named }, limit);
  if (!isTimeline(open)) return;
  outputs.push({ kind: 'set-timer', timer: `timeline-${operation.id}`, after: PRIMARY_TIMEOUT });
}

/** The tool goes to the machine whose region server it starts or stops. */
function goTo(step: Step, open: OpenOperation, errand: 'start' | 'stop'): void {
  const kind = errand === 'start' ? 'start-server' : 'stop-server';
  request(step, open, open.operation.key, { kind }, SSH_TIMEOUT);
}

function request(step: Step, open: OpenOperation, to: NodeId, asked: HBaseRequest, limit: number): void {
  const { state, outputs } = step;
  open.lookup = 0;
  open.server = to;
  open.call = FIRST_CALL + CALLS_PER_ATTEMPT * ++state.calls;
  outputs.push({ kind: 'request', to, id: open.call, request: asked });
  outputs.push({ kind: 'set-timer', timer: `call-${open.operation.id}`, after: limit });
}

/**
 * The location may be old, or the server dead: it is looked up again after a pause that grows. A machine that ssh
 * does not reach is not tried again: nobody knows what became of the order.
 */
export function failAttempt(step: Step, open: OpenOperation, isDoubtful: boolean): void {
  const { state, outputs } = step;
  const { id, kind, key } = open.operation;
  if (isDoubtful && (open.errand === 'start' || open.errand === 'stop')) {
    finish(step, open, { class: 'info', error: TOOL_ERRORS.unreachable(key) });
    return;
  }
  delete state.locations[open.region];
  open.lookup = 0;
  open.call = 0;
  open.server = null;
  if (isDoubtful && kind !== 'read' && open.errand === undefined) open.doubtful = true;
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

/** The primary has not answered in time: a read that may be old is asked of others too. */
export function askSecondaries(step: Step, open: OpenOperation): void {
  const { nodes } = step.state;
  if (open.server === null) return;
  const request = { kind: 'call', region: open.region, call: callOf(open.operation) } as const;
  secondariesOf(nodes, open.server).forEach((to, i) => {
    step.outputs.push({ kind: 'request', to, id: open.call + 1 + i, request });
  });
}

/** The operation is over. */
export function finish({ state, outputs }: Step, open: OpenOperation, outcome: Outcome): void {
  const { id } = open.operation;
  delete state.open[id];
  for (const timer of ['call', 'retry', 'timeline'] as const) {
    outputs.push({ kind: 'cancel-timer', timer: `${timer}-${id}` });
  }
  outputs.push({ kind: 'finish', id, outcome });
}

function isTimeline({ operation }: OpenOperation): boolean {
  return operation.kind === 'read' && operation.options?.['timeline'] === true;
}
