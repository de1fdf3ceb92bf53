import { unreachable } from '../base/assert.ts';
import { below } from '../base/random.ts';
import type { NodeId } from '../sim/operation.ts';
import type { Answer, ClientBody, ClientRequest, ServerBody } from './coordination.ts';
import { accept, closed, openEnd, ping, push, type End, type Frame } from './connection.ts';

/** A client's handle: one session, and the connection to the one server that it uses now. */
export type ClientState = {
  /** The connect string, in the order in which servers are tried. */
  readonly servers: readonly NodeId[];
  /** The session timeout asked for. Milliseconds. */
  readonly timeout: number;
  /** Whether a server without a leader will do (canBeReadOnly). */
  readonly readOnly: boolean;
  session: string | null;
  /** The session timeout that was granted; before that, the one asked for. */
  granted: number;
  /** The latest transaction the client has seen. */
  zxid: number;
  link: Link | null;
  /** Servers tried since the last that took the client. */
  tries: number;
  retrying: boolean;
  connections: number;
  xids: number;
  /** Requests that wait for a connection. */
  waiting: (ClientRequest & { readonly xid: number })[];
};

type Link = {
  readonly server: NodeId;
  readonly end: End<ClientBody>;
  phase: 'connecting' | 'connected';
  /** Requests that were sent and not answered. */
  unanswered: number[];
};

export type ClientTimer = 'zk-connect' | 'zk-ping' | 'zk-silence';

export type ClientOutput =
  | {
      readonly kind: 'request';
      readonly to: NodeId;
      readonly id: number;
      readonly request: Frame<ClientBody>;
    }
  | { readonly kind: 'set-timer'; readonly timer: ClientTimer; readonly after: number }
  | { readonly kind: 'cancel-timer'; readonly timer: ClientTimer };

/** What its user is told. `lost`: the connection broke while the request was under way or waited for one. */
export type ClientEvent =
  | { readonly kind: 'answer'; readonly xid: number; readonly answer: Answer }
  | { readonly kind: 'lost'; readonly xid: number }
  | { readonly kind: 'changed'; readonly path: string }
  | { readonly kind: 'connected' }
  /** The session is over, and its ephemeral znodes are gone. Requests that waited were not sent. */
  | { readonly kind: 'expired'; readonly xids: readonly number[] };

/** One step of a client: its state, its draw, what it does and what it tells. */
export type ClientStep = {
  readonly state: ClientState;
  readonly random: number;
  readonly outputs: ClientOutput[];
  readonly events: ClientEvent[];
};

/** ClientCnxn: a pause of up to a second before each reconnection, and another once all servers were tried. */
const PAUSE_MAX = 1000;
const SPIN_DELAY = 1000;

/** How soon a request that a link may have lost is asked about, in place of TCP's retransmission. */
const UNANSWERED_PING = 1000;

export function createClient(servers: readonly NodeId[], timeout: number, readOnly: boolean): ClientState {
  return {
    servers,
    timeout,
    readOnly,
    session: null,
    granted: timeout,
    zxid: 0,
    link: null,
    tries: 0,
    retrying: false,
    connections: 0,
    xids: 0,
    waiting: [],
  };
}

export function createClientStep(state: ClientState, random: number): ClientStep {
  return { state, random, outputs: [], events: [] };
}

/** Asks the server, or connects to one first. Returns the number under which the answer comes. */
export function ask(step: ClientStep, request: ClientRequest): number {
  const { state } = step;
  const numbered = { ...request, xid: ++state.xids };
  if (state.link?.phase === 'connected') sendRequest(step, state.link, numbered);
  else {
    state.waiting.push(numbered);
    openHandle(step);
  }
  return numbered.xid;
}

/** Connects, unless the handle is open already. */
export function openHandle(step: ClientStep): void {
  const { link, retrying } = step.state;
  if (link === null && !retrying) connect(step);
}

export function onServerFrame(step: ClientStep, from: NodeId, id: number, frame: Frame<ServerBody>): void {
  const { state } = step;
  const { link } = state;
  if (link === null || link.end.connection !== id) {
    if (frame.kind !== 'closed') sendFrame(step, from, closed(frame.connection), id);
    return;
  }
  if (frame.kind === 'closed') {
    lose(step);
    return;
  }
  step.outputs.push({ kind: 'set-timer', timer: 'zk-silence', after: Math.floor((2 * state.granted) / 3) });
  const { body, answers } = accept(link.end, frame);
  for (const answer of answers) sendFrame(step, link.server, answer, id);
  if (body !== null) onServerBody(step, link, body);
}

export function onClientTimer(step: ClientStep, timer: ClientTimer): void {
  const { state } = step;
  switch (timer) {
    case 'zk-connect':
      state.retrying = false;
      connect(step);
      return;
    case 'zk-silence':
      hangUp(step);
      lose(step);
      return;
    case 'zk-ping':
      if (state.link === null) return;
      sendFrame(step, state.link.server, ping(state.link.end), state.link.end.connection);
      schedulePing(step, state.link);
      return;
    default:
      unreachable(timer);
  }
}

/** A node's process is gone: its operating system has reset the connection. */
export function onServerGone(step: ClientStep, from: NodeId): void {
  if (step.state.link?.server === from) lose(step);
}

function connect(step: ClientStep): void {
  const { state } = step;
  const server = state.servers[state.tries % state.servers.length] ?? '';
  state.tries++;
  const link: Link = { server, end: openEnd(++state.connections), phase: 'connecting', unanswered: [] };
  state.link = link;
  const { session, timeout, zxid, readOnly } = state;
  const body: ClientBody = { kind: 'connect', xid: 0, session, timeout, zxid, readOnly };
  const limit = Math.floor(state.granted / state.servers.length);
  step.outputs.push({ kind: 'set-timer', timer: 'zk-silence', after: limit });
  sendFrame(step, server, push(link.end, body), link.end.connection);
}

function onServerBody(step: ClientStep, link: Link, body: ServerBody): void {
  const { state, events } = step;
  switch (body.kind) {
    case 'connected': {
      link.phase = 'connected';
      state.tries = 0;
      state.session = body.session;
      state.granted = body.timeout;
      events.push({ kind: 'connected' });
      const waiting = state.waiting;
      state.waiting = [];
      for (const request of waiting) sendRequest(step, link, request);
      schedulePing(step, link);
      return;
    }
    case 'expired': {
      const xids = state.waiting.map(({ xid }) => xid);
      state.waiting = [];
      state.session = null;
      state.zxid = 0;
      endLink(step);
      events.push({ kind: 'expired', xids });
      return;
    }
    case 'answer':
      link.unanswered = link.unanswered.filter((xid) => xid !== body.xid);
      state.zxid = Math.max(state.zxid, body.zxid);
      events.push({ kind: 'answer', xid: body.xid, answer: body.answer });
      return;
    case 'event':
      events.push({ kind: 'changed', path: body.path });
      return;
    default:
      unreachable(body);
  }
}

/** The connection is over. The client goes on to the next server after a pause, its own first. */
function lose(step: ClientStep): void {
  const { state, events } = step;
  const { link } = state;
  if (link === null) return;
  const lost = [...link.unanswered, ...state.waiting.map(({ xid }) => xid)];
  state.waiting = [];
  endLink(step);
  const hasTriedAll = state.tries > 0 && state.tries % state.servers.length === 0;
  const pause = below(step.random, PAUSE_MAX) + (hasTriedAll ? SPIN_DELAY : 0);
  state.retrying = true;
  step.outputs.push({ kind: 'set-timer', timer: 'zk-connect', after: pause });
  for (const xid of lost) events.push({ kind: 'lost', xid });
}

function endLink(step: ClientStep): void {
  step.state.link = null;
  step.outputs.push(
    { kind: 'cancel-timer', timer: 'zk-silence' },
    { kind: 'cancel-timer', timer: 'zk-ping' },
  );
}

function hangUp(step: ClientStep): void {
  const { link } = step.state;
  if (link !== null) sendFrame(step, link.server, closed(link.end.connection), link.end.connection);
}

function sendRequest(step: ClientStep, link: Link, request: ClientRequest & { readonly xid: number }): void {
  link.unanswered.push(request.xid);
  sendFrame(step, link.server, push(link.end, request), link.end.connection);
  if (link.unanswered.length === 1) schedulePing(step, link);
}

/** A quiet client pings at half of its read timeout, less a second; never later than after ten. */
function schedulePing(step: ClientStep, link: Link): void {
  const quiet = Math.floor(step.state.granted / 3);
  const idle = Math.min(quiet > 2000 ? quiet - 1000 : quiet, 10_000);
  const after = link.unanswered.length > 0 ? Math.min(UNANSWERED_PING, idle) : idle;
  step.outputs.push({ kind: 'set-timer', timer: 'zk-ping', after });
}

function sendFrame(step: ClientStep, to: NodeId, request: Frame<ClientBody>, id: number): void {
  step.outputs.push({ kind: 'request', to, id, request });
}
