import { unreachable } from '../../base/assert.ts';
import { keysOf, lookUp } from '../../base/table.ts';
import type { Driver, DriverInput, DriverOutput } from '../../sim/driver.ts';
import type { Operation, Outcome } from '../../sim/operation.ts';
import { commandOf, resultOf } from '../store-client.ts';
import { describeCommand, describeStored, STORE_ERRORS } from '../store-words.ts';
import { placesOf } from './lease.ts';
import type { LeaseDriverShape, LeaseDriverState, LeaseReply, LeaseRequest, OpenUse } from './types.ts';

type Output = DriverOutput<LeaseDriverShape>;

/** How often a client asks again, and how long it does so without any answer. Milliseconds. */
const ASK_EVERY = 1000;
const PATIENCE = 5000;

export const LEASE_ERRORS = {
  noAnswer: 'no answer for 5000 ms',
  notHeld: 'the lock is not held',
  stale: (token: number, seen: number) => `token ${token} is stale: the resource has seen ${seen}`,
} as const;

/**
 * A client of the lock service. It keeps its lease alive every third of it, and shows its newest token with every
 * write. Until it unlocks it believes that it holds the lock: that is the mistake the token is for.
 */
export const leaseDriver: Driver<LeaseDriverShape> = {
  init: ({ self, nodes, knobs, incarnation }) => ({
    self,
    incarnation,
    knobs,
    ...placesOf(nodes),
    requests: 0,
    open: {},
    held: {},
  }),
  step,
  refused: 'connection refused',
  interrupted: 'connection reset',
  describeRequest,
  describeReply,
};

function step(state: LeaseDriverState, input: DriverInput<LeaseDriverShape>): Output[] {
  switch (input.kind) {
    case 'operation':
      return begin(state, input.operation);
    case 'reply':
      return onReply(state, input.id, input.reply);
    case 'timer':
      return onTimer(state, input.timer);
    case 'start':
    case 'disconnected':
      return [];
    default:
      return unreachable(input);
  }
}

function begin(state: LeaseDriverState, operation: Operation): Output[] {
  const { id, kind, key } = operation;
  if (kind === 'unlock') {
    const token = lookUp(state.held, key);
    if (token === undefined) return finish(state, id, { class: 'fail', error: LEASE_ERRORS.notHeld });
    delete state.held[key];
    return ask(state, { operation, request: { kind: 'release', lock: key, token }, id: 0, silence: 0 });
  }
  const request: LeaseRequest =
    kind === 'lock'
      ? { kind: 'acquire', lock: key, holder: holderOf(state) }
      : { kind: 'use', command: commandOf(operation), token: newestToken(state) };
  return ask(state, { operation, request, id: 0, silence: 0 });
}

function ask(state: LeaseDriverState, open: OpenUse): Output[] {
  const { operation, request } = open;
  state.open[operation.id] = open;
  open.id = ++state.requests;
  const to = request.kind === 'use' ? state.resource : state.service;
  return [
    { kind: 'request', to, id: open.id, request },
    { kind: 'set-timer', timer: `ask-${operation.id}`, after: request.kind === 'use' ? PATIENCE : ASK_EVERY },
  ];
}

function onReply(state: LeaseDriverState, id: number, reply: LeaseReply): Output[] {
  const open = keysOf(state.open)
    .map((name) => state.open[name])
    .find((candidate) => candidate?.id === id);
  // A renewal's answer changes nothing: whoever sleeps does not hear it either.
  if (open === undefined) return [];
  const { operation } = open;
  switch (reply.kind) {
    case 'granted':
      state.held[operation.key] = reply.token;
      return [
        ...finish(state, operation.id, { class: 'ok', result: { token: reply.token } }),
        keepAlive(state, operation.key),
      ];
    case 'held':
      open.silence = 0;
      return [];
    case 'released':
      return finish(state, operation.id, { class: 'ok', result: {} });
    case 'expired':
      // Asked again, it may have been released by the first request.
      if (open.silence > 0) return finish(state, operation.id, { class: 'ok', result: {} });
      return finish(state, operation.id, { class: 'fail', error: LEASE_ERRORS.notHeld });
    case 'used':
      return finish(state, operation.id, { class: 'ok', result: resultOf(operation, reply) });
    case 'error':
      return finish(state, operation.id, { class: 'fail', error: STORE_ERRORS[reply.reason] });
    case 'stale': {
      const error = LEASE_ERRORS.stale(reply.token, reply.seen);
      return finish(state, operation.id, { class: 'fail', error });
    }
    default:
      return unreachable(reply);
  }
}

function onTimer(state: LeaseDriverState, timer: string): Output[] {
  const at = timer.indexOf('-');
  const name = timer.slice(at + 1);
  if (timer.slice(0, at) === 'renew') {
    const token = lookUp(state.held, name);
    if (token === undefined) return [];
    const request: LeaseRequest = { kind: 'renew', lock: name, token };
    return [{ kind: 'request', to: state.service, id: ++state.requests, request }, keepAlive(state, name)];
  }
  const open = lookUp(state.open, name);
  if (open === undefined) return [];
  open.silence += open.request.kind === 'use' ? PATIENCE : ASK_EVERY;
  if (open.silence < PATIENCE) return ask(state, open);
  const outcome = open.operation.kind === 'read' ? 'fail' : 'info';
  return finish(state, name, { class: outcome, error: LEASE_ERRORS.noAnswer });
}

function keepAlive({ knobs }: LeaseDriverState, lock: string): Output {
  return { kind: 'set-timer', timer: `renew-${lock}`, after: Math.floor(knobs.leaseMs / 3) };
}

/** A client that restarts is another: it does not know what it held. */
function holderOf({ self, incarnation }: LeaseDriverState): string {
  return incarnation === 1 ? self : `${self}#${incarnation}`;
}

function newestToken({ held }: LeaseDriverState): number | null {
  const tokens = keysOf(held).map((lock) => held[lock] ?? 0);
  return tokens.length === 0 ? null : Math.max(...tokens);
}

function finish(state: LeaseDriverState, id: string, outcome: Outcome): Output[] {
  delete state.open[id];
  return [
    { kind: 'cancel-timer', timer: `ask-${id}` },
    { kind: 'finish', id, outcome },
  ];
}

function describeRequest(request: LeaseRequest): string {
  switch (request.kind) {
    case 'acquire':
      return `lock ${request.lock} for ${request.holder}`;
    case 'renew':
    case 'release':
      return `${request.kind} ${request.lock}, token ${request.token}`;
    case 'use': {
      const shown = request.token === null ? '' : `, token ${request.token}`;
      return `${describeCommand(request.command)}${shown}`;
    }
    default:
      return unreachable(request);
  }
}

function describeReply(reply: LeaseReply): string {
  switch (reply.kind) {
    case 'granted':
      return `token ${reply.token} is yours`;
    case 'held':
      return 'somebody has it';
    case 'released':
    case 'expired':
      return `it is ${reply.kind}`;
    case 'used':
      return describeStored(reply.value);
    case 'error':
      return STORE_ERRORS[reply.reason];
    case 'stale':
      return LEASE_ERRORS.stale(reply.token, reply.seen);
    default:
      return unreachable(reply);
  }
}
