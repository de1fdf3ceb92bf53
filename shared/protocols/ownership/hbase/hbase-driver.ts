import { unreachable } from '../../../base/assert.ts';
import { keysOf, lookUp } from '../../../base/table.ts';
import type { Driver, DriverInput } from '../../../sim/driver.ts';
import type { NodeId } from '../../../sim/operation.ts';
import type { Ambient, Config } from '../../../sim/protocol.ts';
import {
  createClient,
  createClientStep,
  onClientTimer,
  onServerFrame,
  onServerGone,
  type ClientEvent,
} from '../../coordination-client.ts';
import {
  askSecondaries,
  attempt,
  begin,
  CALLS_PER_ATTEMPT,
  failAttempt,
  finish,
  onLocated,
  type Output,
  type Step,
} from './driver-attempts.ts';
import { NOT_A_NUMBER, toolError } from './driver-errors.ts';
import type { HBaseDriver, HBaseDriverKnobs, HBaseDriverState, OpenOperation } from './driver-types.ts';
import { ensembleOf } from './hbase.ts';
import { resultOf } from './operations.ts';
import type { HBaseReply } from './types.ts';
import { describeReply, describeRequest } from './words.ts';

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

function init({ self, nodes, members: initial, knobs }: Config<HBaseDriverKnobs>): HBaseDriverState {
  const members = ensembleOf(initial);
  const servers = members.includes(self) ? [self, ...members.filter((node) => node !== self)] : members;
  return {
    self,
    nodes,
    client: createClient(servers, knobs.sessionTimeout, false),
    locations: {},
    reached: {},
    calls: 0,
    open: {},
    ...(initial.length === nodes.length ? {} : { names: true }),
  };
}

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
  if (reply.kind === 'done') {
    onErrandDone(step, open);
    return;
  }
  if (reply.kind === 'refused') {
    finish(step, open, { class: 'fail', error: toolError(reply.why, open.operation.key) });
    return;
  }
  // Of the secondaries only an answer counts.
  if (id !== open.call) return;
  switch (reply.error) {
    case 'NotServingRegionException':
    case 'ConnectException':
    case 'PleaseHoldException':
      failAttempt(step, open, false);
      return;
    case 'RegionServerStoppedException':
      failAttempt(step, open, true);
      return;
    case 'DoNotRetryIOException':
      finish(step, open, { class: 'fail', error: NOT_A_NUMBER });
      return;
    case 'ServerNotEmpty':
      open.errand = 'unload';
      failAttempt(step, open, false);
      return;
    default:
      unreachable(reply.error);
  }
}

/** graceful_stop.sh: what is unloaded is stopped. */
function onErrandDone(step: Step, open: OpenOperation): void {
  if (open.errand !== 'unload') {
    finish(step, open, { class: 'ok', result: {} });
    return;
  }
  open.errand = 'stop';
  attempt(step, open);
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
      onLocated(step, open, String(answer.znode.value));
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

function lookingUp(step: Step, xid: number): OpenOperation | undefined {
  return opened(step).find(({ lookup }) => lookup === xid);
}

function opened({ state }: Step): OpenOperation[] {
  return keysOf(state.open).flatMap((id) => state.open[id] ?? []);
}
