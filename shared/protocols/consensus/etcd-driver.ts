import { assert, unreachable } from '../../base/assert.ts';
import { below } from '../../base/random.ts';
import { keysOf } from '../../base/table.ts';
import type { Driver, DriverInput, DriverOutput } from '../../sim/driver.ts';
import type { Operation, Outcome } from '../../sim/operation.ts';
import type { Ambient, Config } from '../../sim/protocol.ts';
import type { EtcdDriver, EtcdDriverKnobs, EtcdDriverState, OpenOperation } from './etcd-driver-types.ts';
import {
  endSession,
  heldSession,
  keepAlive,
  LOCK_TTL_MS,
  nextLockRequest,
  onKeptAlive,
  onSessionTimer,
  takeLock,
  tokenOf,
} from './etcd-locks.ts';
import { changedCart, firstRequest } from './etcd-requests.ts';
import { lockKey } from './lease-store.ts';
import { CONNECTION_REFUSED } from './member-change.ts';
import type { Reply, Request } from './store.ts';
import { describeReply, describeRequest } from './words.ts';

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
  refused: CONNECTION_REFUSED,
  interrupted: 'rpc error: code = Unavailable desc = error reading from server: EOF',
  init: ({ self, knobs }: Config<EtcdDriverKnobs>) => ({
    self,
    deadlineMs: knobs.deadlineMs,
    ...(knobs.lockTtlMs === LOCK_TTL_MS ? {} : { lockTtlMs: knobs.lockTtlMs }),
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
  const held = heldSession(state, operation.key);
  if (operation.kind === 'lock' && held !== null) {
    return finish(state, open, { class: 'ok', result: { token: tokenOf(state, held) } });
  }
  if (operation.kind === 'unlock' && held === null) {
    return finish(state, open, { class: 'fail', error: 'mutex: lock has already been released' });
  }
  return [
    { kind: 'set-timer', timer: `deadline-${operation.id}`, after: state.deadlineMs },
    ask(state, open, firstRequest(state, operation)),
  ];
}

function ask(state: EtcdDriverState, open: OpenOperation, request: Request): Output {
  open.request = ++state.requests;
  open.attempts++;
  open.harmless = request.kind === 'range' || request.kind === 'watch';
  return { kind: 'request', to: state.self, id: open.request, request };
}

function onReply(state: EtcdDriverState, id: number, reply: Reply, random: number): Output[] {
  if (reply.kind === 'kept-alive') return onKeptAlive(state, reply);
  const name = keysOf(state.open).find((key) => state.open[key]?.request === id);
  const open = name === undefined ? undefined : state.open[name];
  if (open === undefined) return [];
  switch (reply.kind) {
    case 'range':
      if (open.operation.kind === 'lock') return onLockChecked(state, open, reply);
      return onRange(state, open, reply);
    case 'put-if-value': {
      const found = reply.succeeded ? {} : { value: reply.found };
      const result = { applied: reply.succeeded, revision: reply.revision, ...found };
      return finish(state, open, { class: 'ok', result });
    }
    case 'lease-grant':
      return [...keepAlive(state, open.operation.id), ...onLockStep(state, open, reply)];
    case 'lock':
    case 'first':
      return onLockStep(state, open, reply);
    case 'lease-revoke': {
      const lease = heldSession(state, open.operation.key);
      const ended = lease === null ? [] : endSession(state, lease);
      return [...ended, ...finish(state, open, { class: 'ok', result: { revision: reply.revision } })];
    }
    case 'watched': {
      const values = reply.events.map(({ value }) => value);
      const last = reply.events.at(-1);
      const result = { value: last?.value ?? null, values, revision: last?.revision ?? 0 };
      return finish(state, open, { class: 'ok', result });
    }
    case 'members':
      return finish(state, open, { class: 'ok', result: { value: reply.nodes } });
    case 'put':
    case 'delete':
      return finish(state, open, { class: 'ok', result: { revision: reply.revision } });
    case 'put-if':
      if (reply.succeeded) return finish(state, open, { class: 'ok', result: { revision: reply.revision } });
      // Somebody else changed the cart in between: read it again.
      return [ask(state, open, firstRequest(state, open.operation))];
    case 'error':
      if (reply.code === 'failed-precondition') {
        return finish(state, open, { class: 'fail', error: reply.error });
      }
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
  const items = changedCart(reply.value, kind, value ?? null);
  return [ask(state, open, { kind: 'put-if', key, modified: reply.modified, value: items })];
}

function onTimer(state: EtcdDriverState, timer: string): Output[] {
  const at = timer.indexOf('-');
  const [kind, name] = [timer.slice(0, at), timer.slice(at + 1)];
  if (kind === 'session' || kind === 'keepalive') return onSessionTimer(state, kind, name);
  const open = state.open[name];
  if (open === undefined) return [];
  if (timer.startsWith('retry-')) {
    const { kind, key, id } = open.operation;
    if (kind !== 'lock') return [ask(state, open, firstRequest(state, open.operation))];
    return [ask(state, open, { kind: 'range', key: lockKey(key, id), serializable: false })];
  }
  if (timer.startsWith('deadline-')) {
    const isHarmless = open.harmless && open.operation.kind !== 'lock';
    const outcome = { class: isHarmless ? 'fail' : 'info', error: 'context deadline exceeded' } as const;
    return [...leaveLine(state, open), ...finish(state, open, outcome)];
  }
  return [];
}

/** A lock takes several requests; without a session any more there is nothing to ask for. */
function onLockStep(state: EtcdDriverState, open: OpenOperation, reply: Reply): Output[] {
  const { id } = open.operation;
  const next = nextLockRequest(state, id, reply);
  if (next !== null) return [ask(state, open, next)];
  const error = 'etcdserver: requested lease not found';
  return finish(state, open, { class: 'fail', error });
}

function onLockChecked(
  state: EtcdDriverState,
  open: OpenOperation,
  reply: Reply & { kind: 'range' },
): Output[] {
  const { id } = open.operation;
  if (!takeLock(state, id, reply)) {
    const error = 'mutex: session is expired';
    return finish(state, open, { class: 'fail', error });
  }
  const result = { token: tokenOf(state, id), revision: reply.revision };
  return finish(state, open, { class: 'ok', result });
}

/** Whoever gives up waiting for a lock takes its key out of the line; if that is lost, the lease ends it. */
function leaveLine(state: EtcdDriverState, { operation: { kind, id } }: OpenOperation): Output[] {
  if (kind !== 'lock') return [];
  const request: Request = { kind: 'lease-revoke', lease: id };
  return [{ kind: 'request', to: state.self, id: ++state.requests, request }];
}

function finish(state: EtcdDriverState, open: OpenOperation, outcome: Outcome): Output[] {
  const { id, kind } = open.operation;
  delete state.open[id];
  // A lock that was not had is not kept alive.
  const ended = kind === 'lock' && outcome.class !== 'ok' ? endSession(state, id) : [];
  return [
    ...ended,
    { kind: 'cancel-timer', timer: `deadline-${id}` },
    { kind: 'cancel-timer', timer: `retry-${id}` },
    { kind: 'finish', id, outcome },
  ];
}
