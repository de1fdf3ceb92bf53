import { lookUp } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { propose, sync } from './broadcast.ts';
import type { Answer, ClientBody, ClientRequest } from '../../coordination.ts';
import { admit, tell, tellAnswer } from './clients.ts';
import { accept, closed, openEnd, ping, type Frame } from '../../connection.ts';
import { tellLeader } from './learner.ts';
import { appliedZxid } from './log.ts';
import { negotiate, touchSession } from './sessions.ts';
import { reply, type Step } from './step.ts';
import { childrenOf, type Change } from './tree.ts';
import type { ClientConnection, Transaction, ZabState } from './types.ts';

/** What ZooKeeper's server does around Zab: clients' connections and requests in, changes to the leader. */
export function onRequest(step: Step, from: NodeId, id: number, frame: Frame<ClientBody>): void {
  const { state } = step;
  const name = `${from}/${id}`;
  const client = lookUp(state.clients, name) ?? openClient(step, name, from, id, frame);
  if (frame.kind === 'closed') delete state.clients[name];
  else if (client === null) reply(step, from, id, closed(frame.connection));
  else {
    if (client.session !== null && !client.readOnly) touchSession(state, client.session);
    const { body, answers } = accept(client.end, frame);
    for (const answer of answers) reply(step, from, id, answer);
    if (frame.kind === 'ping') reply(step, from, id, ping(client.end));
    if (body?.kind === 'connect') onConnect(step, name, client, body);
    else if (body !== null) client.queue.push(body);
    drain(step, name);
  }
}

/** Requests of a client take place in its order: a read waits for the changes that it has asked for before. */
export function drain(step: Step, name: string): void {
  const client = lookUp(step.state.clients, name);
  while (client !== undefined) {
    const request = client.queue[0];
    if (request === undefined || (isRead(request) && client.underWay > 0)) return;
    client.queue.shift();
    if (isRead(request)) tellAnswer(step, client, request.xid, read(step.state, client, request));
    else if (client.readOnly) {
      tellAnswer(step, client, request.xid, { kind: 'error', error: 'Not a read-only call' });
    } else change(step, name, client, request);
  }
}

/** Null: the frame opens no connection, or nobody is served here. `ZooKeeperServer not running`, says the log. */
function openClient(
  step: Step,
  name: string,
  node: NodeId,
  id: number,
  frame: Frame<ClientBody>,
): ClientConnection | null {
  const { state } = step;
  if (frame.kind !== 'data' || frame.serial !== 1 || frame.body.kind !== 'connect') return null;
  const isReadOnly = state.role.kind === 'looking';
  if (!isServing(state) || (isReadOnly && !frame.body.readOnly)) return null;
  // A client never goes back in time: it has to find a server that is as far as it is.
  if (frame.body.zxid > appliedZxid(state)) return null;
  return (state.clients[name] = {
    node,
    id,
    end: openEnd(frame.connection),
    session: null,
    readOnly: isReadOnly,
    queue: [],
    underWay: 0,
    watches: [],
  });
}

function onConnect(
  step: Step,
  name: string,
  client: ClientConnection,
  { session, timeout }: ClientBody & { kind: 'connect' },
): void {
  const { state } = step;
  if (client.readOnly) {
    tell(step, client, { kind: 'connected', session, timeout: negotiate(state, timeout), readOnly: true });
    return;
  }
  client.underWay++;
  if (session === null) {
    const id = `${state.self}-${state.incarnation}-${++state.sessions}`;
    const granted = negotiate(state, timeout);
    submit(step, name, 0, { kind: 'create-session', session: id, timeout: granted });
  } else if (state.role.kind === 'following') {
    tellLeader(step, state.role, { kind: 'revalidate', connection: name, session });
  } else {
    touchSession(state, session);
    admit(step, name, session, lookUp(state.tree.sessions, session) !== undefined);
  }
}

function change(
  step: Step,
  name: string,
  client: ClientConnection,
  request: ClientRequest & { readonly xid: number },
): void {
  const { state } = step;
  const { session } = client;
  // Without a session nothing but the connection's first request is under way.
  if (session === null) return;
  client.underWay++;
  const { xid } = request;
  switch (request.kind) {
    case 'sync':
      if (state.role.kind === 'following')
        tellLeader(step, state.role, { kind: 'sync', connection: name, xid });
      else sync(step, null, name, xid);
      return;
    case 'create': {
      const { path, value, ephemeral, sequential } = request;
      submit(step, name, xid, { kind: 'create', session, path, value, ephemeral, sequential });
      return;
    }
    case 'set':
      submit(step, name, xid, {
        kind: 'set',
        session,
        path: request.path,
        value: request.value,
        version: request.version,
      });
      return;
    case 'delete':
      submit(step, name, xid, { kind: 'delete', session, path: request.path, version: request.version });
      return;
    case 'reconfig': {
      const { node, joins } = request;
      submit(step, name, xid, { kind: 'reconfig', session, node, joins, voters: [] });
      return;
    }
    case 'get':
    case 'exists':
    case 'children':
      return;
  }
}

function submit(step: Step, connection: string, xid: number, change: Change): void {
  const { self, role } = step.state;
  const origin: Transaction['origin'] = { server: self, connection, xid };
  if (role.kind === 'following') {
    tellLeader(step, role, { kind: 'request', transaction: { origin, change } });
  } else propose(step, origin, change);
}

type Read = ClientRequest & { readonly kind: 'get' | 'exists' | 'children' };

function isRead(request: ClientRequest | (ClientBody & { kind: 'connect' })): request is Read {
  return request.kind === 'get' || request.kind === 'exists' || request.kind === 'children';
}

/** From this server's memory: nobody else is asked, so it may be old. */
function read({ tree }: ZabState, client: ClientConnection, { kind, path, watch }: Read): Answer {
  if (kind === 'children') {
    if (watch) client.watches.push({ kind: 'children', path });
    return { kind: 'children', names: childrenOf(tree, path) };
  }
  const znode = lookUp(tree.znodes, path) ?? null;
  if (kind === 'get' && znode === null) return { kind: 'error', error: 'NoNode' };
  if (watch) client.watches.push({ kind: 'znode', path });
  return { kind: 'znode', path, znode };
}

function isServing({ role }: ZabState): boolean {
  return role.kind === 'looking' ? role.readOnly : role.phase === 'serve';
}
