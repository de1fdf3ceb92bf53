import { assert } from '../../../base/assert.ts';
import { keysOf, lookUp } from '../../../base/table.ts';
import { closed, push } from '../../connection.ts';
import type { Answer, ServerBody, Watch } from '../../coordination.ts';
import { appliedZxid, enforceConfiguration } from './log.ts';
import { touchSession } from './sessions.ts';
import { mark, reply, type Step } from './step.ts';
import { applyChange, type Applied } from './tree.ts';
import type { ClientConnection, Transaction } from './types.ts';

/** Applies transactions up to a zxid; this server's own clients are answered, and watches fire. */
export function applyUpTo(step: Step, zxid: number): void {
  const { state } = step;
  while ((state.log[state.applied]?.zxid ?? Infinity) <= zxid) applyNext(step);
  enforceConfiguration(step, zxid);
}

/** The end of a change or sync of a client of this server. What waited behind it goes on with this step's end. */
export function completeRequest(step: Step, connection: string, xid: number, answer: Answer): void {
  const client = lookUp(step.state.clients, connection);
  if (client === undefined) return;
  client.underWay--;
  tellAnswer(step, client, xid, answer);
  step.released.push(connection);
}

/** The session of a connection is there, or has ended. */
export function admit(step: Step, connection: string, session: string, valid: boolean): void {
  const { state } = step;
  const client = lookUp(state.clients, connection);
  if (client === undefined) return;
  const timeout = lookUp(state.tree.sessions, session);
  if (!valid || timeout === undefined) {
    tell(step, client, { kind: 'expired' });
    closeClient(step, connection);
    return;
  }
  client.session = session;
  client.underWay--;
  tell(step, client, { kind: 'connected', session, timeout, readOnly: false });
  step.released.push(connection);
}

export function tellAnswer(step: Step, client: ClientConnection, xid: number, answer: Answer): void {
  tell(step, client, { kind: 'answer', xid, zxid: appliedZxid(step.state), answer });
}

export function tell(step: Step, client: ClientConnection, body: ServerBody): void {
  reply(step, client.node, client.id, push(client.end, body));
}

export function closeClient(step: Step, connection: string): void {
  const { clients } = step.state;
  const client = lookUp(clients, connection);
  if (client === undefined) return;
  delete clients[connection];
  reply(step, client.node, client.id, closed(client.end.connection));
}

/** A server that neither leads nor follows serves nobody. */
export function closeClients(step: Step): void {
  for (const connection of keysOf(step.state.clients)) closeClient(step, connection);
}

function applyNext(step: Step): void {
  const { state } = step;
  const transaction = state.log[state.applied++];
  assert(transaction !== undefined, 'what is applied is in the log');
  const { zxid, change, origin } = transaction;
  const applied = applyChange(state.tree, zxid, change);
  fireWatches(step, applied, change.kind !== 'set');
  if (change.kind === 'create-session') {
    touchSession(state, change.session);
    if (origin?.server === state.self) admit(step, origin.connection, change.session, true);
  } else if (change.kind === 'close-session') endSession(step, change.session, applied);
  else answerOrigin(step, transaction, applied);
}

function answerOrigin(step: Step, { origin }: Transaction, { error, path, znode }: Applied): void {
  if (origin?.server !== step.state.self) return;
  const answer: Answer = error === null ? { kind: 'znode', path, znode } : { kind: 'error', error };
  completeRequest(step, origin.connection, origin.xid, answer);
}

function endSession(step: Step, session: string, { touched }: Applied): void {
  const { state } = step;
  if (state.role.kind === 'leading') {
    const ephemerals = touched.length === 0 ? '' : `; with it go ${touched.join(', ')}`;
    mark(step, 'expire', `session ${session} has expired${ephemerals}`);
  }
  for (const connection of keysOf(state.clients)) {
    if (state.clients[connection]?.session === session) closeClient(step, connection);
  }
}

/** Watches fire once, before the client sees anything newer. */
function fireWatches(step: Step, { touched }: Applied, comesOrGoes: boolean): void {
  if (touched.length === 0) return;
  const { clients } = step.state;
  for (const name of keysOf(clients)) {
    const client = clients[name];
    if (client === undefined || client.watches.length === 0) continue;
    const fired = client.watches.filter((watch) =>
      touched.some((path) => isWatched(watch, path, comesOrGoes)),
    );
    if (fired.length === 0) continue;
    client.watches = client.watches.filter((watch) => !fired.includes(watch));
    for (const { path } of fired) tell(step, client, { kind: 'event', path });
  }
}

function isWatched(watch: Watch, path: string, comesOrGoes: boolean): boolean {
  if (watch.kind === 'znode') return watch.path === path;
  return comesOrGoes && path.startsWith(`${watch.path}/`) && !path.includes('/', watch.path.length + 1);
}
