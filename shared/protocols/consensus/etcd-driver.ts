import { assert, impossible, unreachable } from '../../base/assert.ts';
import { below } from '../../base/random.ts';
import { keysOf, type Table } from '../../base/table.ts';
import type { Driver, DriverInput, DriverOutput } from '../../sim/driver.ts';
import type { NodeId, Operation, Outcome, Value } from '../../sim/operation.ts';
import type { Ambient, Config } from '../../sim/protocol.ts';
import type { Reply, Request, Stored } from './store.ts';
import { describeReply, describeRequest } from './words.ts';

export type EtcdDriver = {
  readonly knobs: EtcdDriverKnobs;
  readonly state: EtcdDriverState;
  readonly timer: `deadline-${string}` | `retry-${string}`;
  readonly request: Request;
  readonly reply: Reply;
};

export type EtcdDriverKnobs = {
  /** How long the application lets an operation take: the deadline of its context. Milliseconds. */
  readonly deadlineMs: number;
};

export type EtcdDriverState = {
  readonly self: NodeId;
  readonly deadlineMs: number;
  requests: number;
  /** Operations under way, by id. */
  readonly open: Table<OpenOperation>;
};

type OpenOperation = {
  readonly operation: Operation;
  /** Whether nothing has been sent that could change the store. */
  harmless: boolean;
  /** The request whose answer is awaited; answers to others come too late. */
  request: number;
  attempts: number;
};

/** clientv3's defaultUnaryMaxRetries, and its 25 ms of backoff with a tenth of jitter. */
const ATTEMPTS_MAX = 100;
const BACKOFF_MS = 25;

type Output = DriverOutput<EtcdDriver>;

/**
 * etcd's Go client, connected to the member of its own node. It retries reads that failed with Unavailable and
 * never a change that was sent: a second attempt could do it twice. There is no way to tell, so such a change
 * ends as `info`. The shopping cart is what every etcd recipe is: read, then a transaction on the revision read.
 */
export const etcdDriver: Driver<EtcdDriver> = {
  refused:
    'rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: ' +
    'dial tcp 127.0.0.1:2379: connect: connection refused"',
  interrupted: 'rpc error: code = Unavailable desc = error reading from server: EOF',
  init: ({ self, knobs }: Config<EtcdDriverKnobs>) => ({
    self,
    deadlineMs: knobs.deadlineMs,
    requests: 0,
    open: {},
  }),
  step,
  describeRequest,
  describeReply,
};

function step(state: EtcdDriverState, input: DriverInput<EtcdDriver>, { random }: Ambient): Output[] {
  switch (input.kind) {
    case 'operation':
      return begin(state, input.operation);
    case 'reply':
      return onReply(state, input.id, input.reply, random);
    case 'timer':
      return onTimer(state, input.timer);
    case 'start':
    case 'disconnected':
      return [];
    default:
      return unreachable(input);
  }
}

function begin(state: EtcdDriverState, operation: Operation): Output[] {
  const open: OpenOperation = { operation, harmless: true, request: 0, attempts: 0 };
  state.open[operation.id] = open;
  return [
    { kind: 'set-timer', timer: `deadline-${operation.id}`, after: state.deadlineMs },
    ask(state, open, firstRequest(operation)),
  ];
}

function firstRequest({ kind, key, value, options }: Operation): Request {
  switch (kind) {
    case 'read':
      return { kind: 'range', key, serializable: options?.['consistency'] === 'serializable' };
    case 'add':
    case 'remove':
      return { kind: 'range', key, serializable: false };
    case 'write':
      return { kind: 'put', key, value: value ?? null };
    case 'delete':
      return { kind: 'delete', key };
    default:
      return impossible(`the etcd driver takes no ${kind}`);
  }
}

function ask(state: EtcdDriverState, open: OpenOperation, request: Request): Output {
  open.request = ++state.requests;
  open.attempts++;
  open.harmless = request.kind === 'range';
  return { kind: 'request', to: state.self, id: open.request, request };
}

function onReply(state: EtcdDriverState, id: number, reply: Reply, random: number): Output[] {
  const name = keysOf(state.open).find((key) => state.open[key]?.request === id);
  const open = name === undefined ? undefined : state.open[name];
  if (open === undefined) return [];
  switch (reply.kind) {
    case 'range':
      return onRange(state, open, reply);
    case 'put':
    case 'delete':
      return finish(state, open, { class: 'ok', result: { revision: reply.revision } });
    case 'put-if':
      if (reply.succeeded) return finish(state, open, { class: 'ok', result: { revision: reply.revision } });
      // Somebody else changed the cart in between: read it again.
      return [ask(state, open, firstRequest(open.operation))];
    case 'error':
      if (!open.harmless) return finish(state, open, { class: 'info', error: reply.error });
      if (reply.code !== 'unavailable' || open.attempts >= ATTEMPTS_MAX) {
        return finish(state, open, { class: 'fail', error: reply.error });
      }
      open.request = 0;
      return [
        { kind: 'set-timer', timer: `retry-${open.operation.id}`, after: BACKOFF_MS - 2 + below(random, 5) },
      ];
    default:
      return unreachable(reply);
  }
}

function onRange(state: EtcdDriverState, open: OpenOperation, reply: Reply & { kind: 'range' }): Output[] {
  const { kind, key, value } = open.operation;
  if (kind === 'read') {
    const version = reply.modified === 0 ? {} : { version: `rev ${reply.modified}` };
    return finish(state, open, {
      class: 'ok',
      result: { value: reply.value, ...version, revision: reply.revision },
    });
  }
  assert(kind === 'add' || kind === 'remove', `a ${kind} has asked for a range`);
  const items = changeSet(reply.value, kind, value ?? null);
  return [ask(state, open, { kind: 'put-if', key, modified: reply.modified, value: items })];
}

/** A cart is a set in the order of its additions; a single value counts as a set of one. */
function changeSet(stored: Stored, kind: 'add' | 'remove', value: Value): readonly Value[] {
  const items: readonly Value[] = isSet(stored) ? stored : stored === null ? [] : [stored];
  if (kind === 'remove') return items.filter((item) => item !== value);
  return items.includes(value) ? items : [...items, value];
}

function isSet(stored: Stored): stored is readonly Value[] {
  return Array.isArray(stored);
}

function onTimer(state: EtcdDriverState, timer: string): Output[] {
  const open = state.open[timer.slice(timer.indexOf('-') + 1)];
  if (open === undefined) return [];
  if (timer.startsWith('retry-')) return [ask(state, open, firstRequest(open.operation))];
  return finish(state, open, { class: open.harmless ? 'fail' : 'info', error: 'context deadline exceeded' });
}

function finish(state: EtcdDriverState, open: OpenOperation, outcome: Outcome): Output[] {
  const { id } = open.operation;
  delete state.open[id];
  return [
    { kind: 'cancel-timer', timer: `deadline-${id}` },
    { kind: 'cancel-timer', timer: `retry-${id}` },
    { kind: 'finish', id, outcome },
  ];
}
