import { canonical } from '../../../base/json.ts';
import { keysOf, lookUp } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import type { Entry } from '../../store.ts';
import { closeAll } from './owners.ts';
import { mark, memberOf, reply, send, setTimer, type Turn } from './turn.ts';
import type { LinkMessage, RedisState, Replication } from './types.ts';

/** A master shows its replicas that it is there: repl-ping-replica-period. */
export const REPLICA_PING = 10_000;
/** A replica silent for so long is dropped: repl-timeout. */
const REPLICA_TIMEOUT = 60_000;

/** What a client that waits is told when its master becomes a replica (redis blocked.c). */
export const UNBLOCKED =
  'UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)';

/** What a replica is told that owns a slot and is to write to it (redis server.c, processCommand). */
export const READ_ONLY = "READONLY You can't write against a read only replica.";

/** A node's part in replication before anything has happened. `id` empty: nothing is known of a stream. */
export function newReplication(id: string, replicas: readonly NodeId[], now: number): Replication {
  const attached = replicas.map((node) => [node, { acked: 0, ackedAt: now, expected: 0 }] as const);
  return {
    id,
    offset: 0,
    heardAt: null,
    wasMaster: false,
    replicas: Object.fromEntries(attached),
    waits: {},
    waitCount: 0,
    pingedAt: now,
  };
}

/** Once a second: a replica acknowledges what it has; a master pings its replicas now and then. */
export function onReplicationTimer(turn: Turn): void {
  const { state, now } = turn;
  const { replication } = state;
  const { master } = memberOf(state, state.self);
  if (master !== null) {
    acknowledge(turn, master);
    return;
  }
  for (const node of keysOf(replication.replicas)) {
    if (now - (replication.replicas[node]?.ackedAt ?? 0) > REPLICA_TIMEOUT) delete replication.replicas[node];
  }
  if (now - replication.pingedAt < REPLICA_PING) return;
  replication.pingedAt = now;
  const { id, offset } = replication;
  for (const node of keysOf(replication.replicas)) send(turn, node, { kind: 'alive', id, offset });
}

/** Puts a change into the data and sends it to the replicas. Nobody waits for them. */
export function change(turn: Turn, key: string, entry: Entry | null): void {
  const { replication } = turn.state;
  put(turn, key, entry);
  const { id, offset } = replication;
  for (const node of keysOf(replication.replicas))
    send(turn, node, { kind: 'stream', id, offset, key, entry });
}

/** Master and replica on their own link. What comes from a former master is of no interest any more. */
export function onLink(turn: Turn, from: NodeId, message: LinkMessage): void {
  const { state } = turn;
  const { master } = memberOf(state, state.self);
  if (message.kind === 'ack') {
    if (master === null) onAck(turn, from, message.id, message.offset);
    return;
  }
  if (from !== master) return;
  if (message.kind === 'stream') onStream(turn, message);
  else if (message.kind === 'alive') goOn(turn, message.id, message.offset);
  else if (message.kind === 'sync') onSync(turn, from, message);
  else acknowledge(turn, from);
}

/** Waits until so many replicas have a client's writes (WAIT). They are asked at once how far they are. */
export function wait(
  turn: Turn,
  to: NodeId,
  request: number,
  wanted: { readonly offset: number; readonly replicas: number; readonly timeout: number },
): void {
  const { replication } = turn.state;
  const { offset, replicas, timeout } = wanted;
  const count = countAcked(replication, offset);
  if (count >= replicas) {
    reply(turn, to, request, { kind: 'waited', replicas: count });
    return;
  }
  const number = ++replication.waitCount;
  replication.waits[String(number)] = { to, request, offset, replicas };
  if (timeout > 0) setTimer(turn, `wait-${number}`, timeout);
  for (const node of keysOf(replication.replicas)) send(turn, node, { kind: 'get-ack' });
}

export function onWaitTimer(turn: Turn, number: string): void {
  const { replication } = turn.state;
  const waiting = lookUp(replication.waits, number);
  if (waiting === undefined) return;
  delete replication.waits[number];
  const replicas = countAcked(replication, waiting.offset);
  reply(turn, waiting.to, waiting.request, { kind: 'waited', replicas });
}

/** Becomes the replica of another node. What only this node has will be overwritten by the master's data. */
export function follow(turn: Turn, master: NodeId): void {
  const { state } = turn;
  const { replication } = state;
  const self = memberOf(state, state.self);
  if (self.master === null) {
    replication.wasMaster = true;
    mark(turn, 'role', `is no master any more: ${master} has its slots`);
  }
  self.master = master;
  closeAll(state.durable);
  replication.id = '';
  replication.heardAt = null;
  state.election = null;
  for (const node of keysOf(replication.replicas)) delete replication.replicas[node];
  for (const number of keysOf(replication.waits)) {
    const { to, request } = replication.waits[number] ?? { to: '', request: 0 };
    turn.outputs.push({ kind: 'cancel-timer', timer: `wait-${Number(number)}` });
    reply(turn, to, request, { kind: 'error', error: UNBLOCKED });
    delete replication.waits[number];
  }
  acknowledge(turn, master);
}

/** Begins a stream of its own: its replicas will ask for the whole data set. */
export function lead(state: RedisState): void {
  const { replication, self, incarnation } = state;
  replication.id = streamId(self, incarnation, memberOf(state, self).configEpoch);
  replication.heardAt = null;
  replication.wasMaster = false;
}

export function streamId(master: NodeId, incarnation: number, epoch: number): string {
  return `${master}/${incarnation}/${epoch}`;
}

/** How many replicas were heard from within the lag, seconds (min-replicas-max-lag). */
export function countGood({ replication }: RedisState, now: number, lag: number): number {
  return keysOf(replication.replicas).filter(
    (node) => now - (replication.replicas[node]?.ackedAt ?? 0) <= lag * 1000,
  ).length;
}

function onAck(turn: Turn, from: NodeId, id: string, offset: number): void {
  const { state, now } = turn;
  const { replication } = state;
  if (id !== replication.id) {
    delete replication.replicas[from];
    sync(turn, from);
    return;
  }
  const known = lookUp(replication.replicas, from);
  // What had been sent a second ago and is not there was lost with a broken connection; so is all for one that was dropped.
  if (offset < (known?.expected ?? replication.offset)) sync(turn, from);
  replication.replicas[from] = { acked: offset, ackedAt: now, expected: replication.offset };
  for (const number of keysOf(replication.waits)) settle(turn, number);
}

function settle(turn: Turn, number: string): void {
  const { replication } = turn.state;
  const waiting = lookUp(replication.waits, number);
  if (waiting === undefined || countAcked(replication, waiting.offset) < waiting.replicas) return;
  turn.outputs.push({ kind: 'cancel-timer', timer: `wait-${Number(number)}` });
  onWaitTimer(turn, number);
}

function sync(turn: Turn, to: NodeId): void {
  const { durable, replication } = turn.state;
  const { id, offset } = replication;
  send(turn, to, { kind: 'sync', id, offset, data: { ...durable.data } });
}

function onStream(turn: Turn, { id, offset, key, entry }: LinkMessage & { kind: 'stream' }): void {
  const isNext = goOn(turn, id, offset - 1);
  if (isNext && offset === turn.state.replication.offset + 1) put(turn, key, entry);
}

/**
 * Whether this replica has all of the stream up to there. If so, its data is of now; if not, a broken connection has
 * cost it something: hearing the master alone makes it no candidate, and it asks for the whole data set.
 */
function goOn(turn: Turn, id: string, offset: number): boolean {
  const { replication, self } = turn.state;
  if (id !== replication.id) return false;
  if (offset <= replication.offset) {
    replication.heardAt = turn.now;
    return true;
  }
  replication.id = '';
  acknowledge(turn, memberOf(turn.state, self).master ?? '');
  return false;
}

/** A full resynchronization: the master's data takes the place of what is here, acknowledged or not. */
function onSync(turn: Turn, from: NodeId, { id, offset, data }: LinkMessage & { kind: 'sync' }): void {
  const { durable, replication } = turn.state;
  replication.heardAt = turn.now;
  if (id === replication.id && offset <= replication.offset) return;
  if (replication.wasMaster) {
    const keys = keysOf({ ...durable.data, ...data });
    const lost = keys.filter((key) => textAt(durable.data, key) !== textAt(data, key));
    if (lost.length > 0) mark(turn, 'rollback', `drops its own ${lost.join(', ')} for the data of ${from}`);
    replication.wasMaster = false;
  }
  durable.data = { ...data };
  turn.isDirty = true;
  replication.id = id;
  replication.offset = offset;
  acknowledge(turn, from);
}

function textAt(data: Readonly<Record<string, Entry>>, key: string): string {
  return canonical(lookUp(data, key) ?? null);
}

function put(turn: Turn, key: string, entry: Entry | null): void {
  const { durable, replication } = turn.state;
  if (entry === null) delete durable.data[key];
  else durable.data[key] = entry;
  replication.offset++;
  turn.isDirty = true;
}

function acknowledge(turn: Turn, master: NodeId): void {
  const { id, offset } = turn.state.replication;
  send(turn, master, { kind: 'ack', id, offset });
}

function countAcked({ replicas }: Replication, offset: number): number {
  return keysOf(replicas).filter((node) => (replicas[node]?.acked ?? 0) >= offset).length;
}
