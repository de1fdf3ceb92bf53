import { impossible } from '../../../base/assert.ts';
import { below } from '../../../base/random.ts';
import { keysOf, lookUp } from '../../../base/table.ts';
import type { NodeId, Operation, Outcome } from '../../../sim/operation.ts';
import type { Ambient } from '../../../sim/protocol.ts';
import { commandOf, resultOf } from '../../store-client.ts';
import { isWrite } from '../../store.ts';
import type { JedisDriverState, JedisOutput, OpenOperation } from './jedis-types.ts';
import type { Reply, Request } from './requests.ts';
import { rangeOf, slotOf } from './slots.ts';

/** Jedis's defaults: Protocol.DEFAULT_TIMEOUT, JedisCluster.DEFAULT_MAX_ATTEMPTS, and one times the other in all. */
const SOCKET_TIMEOUT = 2000;
const ATTEMPTS_MAX = 5;
const RETRIES_DURATION = SOCKET_TIMEOUT * ATTEMPTS_MAX;

/** The literal errors of the client library. */
export const JEDIS_ERRORS = {
  noAttempts: 'No more cluster attempts left.',
  deadline: 'Cluster retry deadline exceeded.',
  readTimeout: 'java.net.SocketTimeoutException: Read timed out',
  endOfStream: 'Unexpected end of stream.',
} as const;

/** Begins an operation. */
export function begin(state: JedisDriverState, operation: Operation, ambient: Ambient): JedisOutput[] {
  const open: OpenOperation = {
    operation,
    command: commandOf(operation),
    deadline: ambient.now + RETRIES_DURATION,
    attemptsLeft: ATTEMPTS_MAX,
    failures: 0,
    redirect: null,
    stage: 'command',
    request: 0,
    asked: state.self,
    result: {},
    isDoubtful: false,
  };
  state.open[operation.id] = open;
  return attempt(state, open, ambient);
}

function attempt(state: JedisDriverState, open: OpenOperation, { random }: Ambient): JedisOutput[] {
  const { command, operation } = open;
  open.stage = 'command';
  const readonly = operation.kind === 'read' && operation.options?.['readonly'] === true;
  const to = open.redirect ?? chooseNode(state, command.key, readonly, random);
  const asking = open.redirect !== null && open.isAsked === true ? { asking: true as const } : {};
  return ask(state, open, to, { kind: 'command', command, readonly, ...asking }, SOCKET_TIMEOUT);
}

/** The master of the key's slot; with READONLY one of its replicas, the own node first. Nobody known: the own node. */
function chooseNode(state: JedisDriverState, key: string, readonly: boolean, random: number): NodeId {
  const alone = lookUp(state.apart ?? {}, String(slotOf(key)));
  const service = alone ?? state.services[rangeOf(key, Math.max(1, state.services.length))];
  const replicas = service?.replicas ?? [];
  if (readonly && replicas.includes(state.self)) return state.self;
  const replica = readonly && replicas.length > 0 ? replicas[below(random, replicas.length)] : undefined;
  return replica ?? service?.master ?? state.self;
}

function ask(
  state: JedisDriverState,
  open: OpenOperation,
  to: NodeId,
  request: Request,
  timeout: number,
): JedisOutput[] {
  open.request = ++state.requests;
  open.asked = to;
  return [
    { kind: 'set-timer', timer: `socket-${open.operation.id}`, after: timeout },
    { kind: 'request', to, id: open.request, request },
  ];
}

/** An answer to one of the operations' requests, or to none of them. */
export function onReply(
  state: JedisDriverState,
  from: NodeId,
  id: number,
  reply: Reply,
  ambient: Ambient,
): JedisOutput[] {
  if (reply.kind === 'slots') {
    state.services = reply.services;
    if (reply.apart !== undefined) state.apart = reply.apart;
  }
  const name = keysOf(state.open).find((candidate) => state.open[candidate]?.request === id);
  const open = name === undefined ? undefined : state.open[name];
  if (open === undefined) return [];
  switch (reply.kind) {
    case 'slots':
      return attempt(state, open, ambient);
    case 'done':
      return onDone(state, open, from, reply);
    case 'waited':
      return finish(state, open, { class: 'ok', result: { ...open.result, replicas: reply.replicas } });
    case 'moved':
      return onMoved(state, open, from, reply.to, ambient);
    case 'ask':
      return onAsk(state, open, reply.to, ambient);
    case 'error':
      return finish(state, open, { class: open.isDoubtful ? 'info' : 'fail', error: reply.error });
    default:
      return impossible(`a client was answered with ${reply.kind}`);
  }
}

function onDone(
  state: JedisDriverState,
  open: OpenOperation,
  from: NodeId,
  reply: Reply & { kind: 'done' },
): JedisOutput[] {
  const wait = open.operation.options?.['wait'];
  open.result = resultOf(open.operation, reply);
  if (typeof wait !== 'object' || wait === null) {
    return finish(state, open, { class: 'ok', result: open.result });
  }
  const [replicas, timeout] = [Number(wait['replicas']), Number(wait['timeout'])];
  open.stage = 'wait';
  // Who lets WAIT take long gives the socket as much more time.
  const request: Request = { kind: 'wait', offset: reply.offset, replicas, timeout };
  return ask(state, open, from, request, SOCKET_TIMEOUT + timeout);
}

/** The node that redirects knows more: the slot cache is taken from it, and the command goes where it says. */
function onMoved(
  state: JedisDriverState,
  open: OpenOperation,
  from: NodeId,
  to: NodeId,
  ambient: Ambient,
): JedisOutput[] {
  open.failures = 0;
  open.redirect = to;
  delete open.isAsked;
  open.attemptsLeft--;
  return goOn(state, open, from, ambient);
}

/** The slot is being moved: the command goes to the other node this once, and the slot cache stays as it is. */
function onAsk(state: JedisDriverState, open: OpenOperation, to: NodeId, ambient: Ambient): JedisOutput[] {
  open.failures = 0;
  open.redirect = to;
  open.isAsked = true;
  open.attemptsLeft--;
  return goOn(state, open, null, ambient);
}

/** Of an operation's two timers one has run out. */
export function onTimer(state: JedisDriverState, timer: string, ambient: Ambient): JedisOutput[] {
  const open = lookUp(state.open, timer.slice(timer.indexOf('-') + 1));
  if (open === undefined) return [];
  if (timer.startsWith('sleep-')) return open.stage === 'sleep' ? goOn(state, open, state.self, ambient) : [];
  if (!timer.startsWith('socket-') || open.stage === 'sleep') return [];
  return onBrokenConnection(state, open, ambient, JEDIS_ERRORS.readTimeout);
}

/** A node's process died: the connections to it are broken. */
export function onDisconnected(state: JedisDriverState, from: NodeId, ambient: Ambient): JedisOutput[] {
  return keysOf(state.open).flatMap((id) => {
    const open = state.open[id];
    const isHit = open !== undefined && open.stage !== 'sleep' && open.asked === from;
    return isHit ? onBrokenConnection(state, open, ambient, JEDIS_ERRORS.endOfStream) : [];
  });
}

/** Once may be chance. After the second time in a row it pauses, and asks who serves the slot now. */
function onBrokenConnection(
  state: JedisDriverState,
  open: OpenOperation,
  ambient: Ambient,
  error: string,
): JedisOutput[] {
  if (open.stage === 'wait') return finish(state, open, { class: 'info', error });
  if (open.stage === 'renew') return attempt(state, open, ambient);
  if (isWrite(open.command)) open.isDoubtful = true;
  open.failures++;
  open.attemptsLeft--;
  if (open.failures < 2) return goOn(state, open, null, ambient);
  open.failures = 0;
  open.redirect = null;
  open.request = 0;
  open.stage = 'sleep';
  const left = open.deadline - ambient.now;
  if (open.attemptsLeft > 0 && left < 0) return giveUp(state, open, JEDIS_ERRORS.deadline);
  const longest = open.attemptsLeft > 0 ? Math.floor(left / (open.attemptsLeft * open.attemptsLeft)) : 0;
  const after = below(ambient.random, longest + 1);
  return [
    { kind: 'cancel-timer', timer: `socket-${open.operation.id}` },
    { kind: 'set-timer', timer: `sleep-${open.operation.id}`, after },
  ];
}

/** The next attempt, with a slot cache from `source` if there is one to ask. */
function goOn(
  state: JedisDriverState,
  open: OpenOperation,
  source: NodeId | null,
  ambient: Ambient,
): JedisOutput[] {
  if (ambient.now > open.deadline) return giveUp(state, open, JEDIS_ERRORS.deadline);
  if (open.attemptsLeft <= 0) return giveUp(state, open, JEDIS_ERRORS.noAttempts);
  if (source === null) return attempt(state, open, ambient);
  open.stage = 'renew';
  return ask(state, open, source, { kind: 'slots' }, SOCKET_TIMEOUT);
}

function giveUp(state: JedisDriverState, open: OpenOperation, error: string): JedisOutput[] {
  return finish(state, open, { class: open.isDoubtful ? 'info' : 'fail', error });
}

function finish(state: JedisDriverState, open: OpenOperation, outcome: Outcome): JedisOutput[] {
  const { id } = open.operation;
  delete state.open[id];
  return [
    { kind: 'cancel-timer', timer: `socket-${id}` },
    { kind: 'cancel-timer', timer: `sleep-${id}` },
    { kind: 'finish', id, outcome },
  ];
}
