import type { Cells } from '../../../data/cells.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { blockFor, type Consistency, isSerial } from './consistency.ts';
import { cellsOf } from './columns.ts';
import { keepHint } from './hints.ts';
import {
  begin,
  endWork,
  isAlive,
  nextId,
  nextTimestamp,
  pendingOf,
  replicasOf,
  send,
  setTimer,
  tell,
  type Turn,
} from './turn.ts';
import type { CassandraState, Proposal, Reply, Request, WriteType } from './types.ts';
import type { Asker, WriteWork } from './work.ts';

/** A plain write: the coordinator gives it its timestamp, unless the statement does. */
export function startPlainWrite(turn: Turn, asker: Asker, request: Request & { kind: 'write' }): void {
  const { key, change, consistency } = request;
  if (isSerial(consistency)) {
    tell(turn, asker, { kind: 'invalid', error: 'You must use conditional updates for serializable writes' });
    return;
  }
  const timestamp = request.timestamp ?? nextTimestamp(turn);
  startWrite(turn, asker, {
    key,
    cells: cellsOf(change, timestamp, turn.now, turn.state.self),
    type: 'SIMPLE',
    consistency,
    success: { kind: 'written', timestamp },
  });
}

/**
 * Coordinates a write (service/StorageProxy.java): to *all* replicas that are up, a hint for each that is not,
 * and success once as many have answered as the level asks for. If too few are up it refuses before it sends
 * anything. A write that times out is not taken back: where it has arrived it stays.
 */
export function startWrite(turn: Turn, asker: Asker, write: Write): void {
  const { state } = turn;
  const { key, consistency } = write;
  const required = requiredFor(state, key, consistency);
  const alive = targetsOf(state, key).filter((node) => isAlive(state, node)).length;
  if (alive < required && consistency !== 'ANY') {
    tell(turn, asker, { kind: 'unavailable', consistency, required, alive });
    return;
  }
  sendWrite(turn, asker, { ...write, proposal: null });
}

/** Has a decided proposal of a lightweight transaction written: too late to refuse, whoever is up. */
export function startCommit(
  turn: Turn,
  asker: Asker,
  { key, commit }: { key: string; commit: Consistency },
  proposal: Proposal,
  success: Reply,
): void {
  sendWrite(turn, asker, {
    key,
    cells: proposal.cells,
    proposal,
    type: 'SIMPLE',
    consistency: commit,
    success,
  });
}

type Write = { key: string; cells: Cells; type: WriteType; consistency: Consistency; success: Reply };

function sendWrite(turn: Turn, asker: Asker, write: Write & { proposal: Proposal | null }): void {
  const { state } = turn;
  const { key, cells, consistency, proposal } = write;
  const replicas = targetsOf(state, key);
  const up = replicas.filter((node) => isAlive(state, node));
  const id = nextId(state);
  const required = requiredFor(state, key, consistency);
  const work: WriteWork = begin(turn, {
    kind: 'write',
    id,
    asker,
    ...write,
    required,
    waiting: up,
    received: 0,
    told: false,
  });
  setTimer(
    turn,
    `wait-${id}`,
    write.type === 'COUNTER' ? state.knobs.counterTimeout : state.knobs.writeTimeout,
  );
  for (const node of up) {
    send(
      turn,
      node,
      proposal === null ? { kind: 'mutate', id, key, cells } : { kind: 'commit', id, key, proposal },
    );
  }
  for (const node of replicas) {
    if (!up.includes(node) && keepHint(turn, node, key, cells) && consistency === 'ANY') work.received++;
  }
  proceed(turn, work);
}

export function onMutated(turn: Turn, from: NodeId, work: WriteWork): void {
  if (!work.waiting.includes(from)) return;
  work.waiting = work.waiting.filter((node) => node !== from);
  work.received++;
  proceed(turn, work);
}

/** Time is up: whoever has not answered gets a hint, even if the write was a success. */
export function onWriteTimeout(turn: Turn, work: WriteWork): void {
  const { asker, type, consistency, required, received } = work;
  for (const node of work.waiting) keepHint(turn, node, work.key, work.cells);
  if (!work.told) tell(turn, asker, { kind: 'write-timeout', type, consistency, required, received });
  endWork(turn, work);
}

/** Whom a write goes to: the replicas, and who is to become one. */
function targetsOf(state: CassandraState, key: string): NodeId[] {
  return [...replicasOf(state, key), ...pendingOf(state, key)];
}

/** Every node that the key is on its way to must confirm besides (ConsistencyLevel.blockForWrite). */
function requiredFor(state: CassandraState, key: string, consistency: Consistency): number {
  const required = blockFor(consistency, state.knobs.replicationFactor);
  return consistency === 'ANY' ? required : required + pendingOf(state, key).length;
}

function proceed(turn: Turn, work: WriteWork): void {
  if (!work.told && work.received >= work.required) {
    work.told = true;
    tell(turn, work.asker, work.success);
  }
  if (work.waiting.length === 0 && work.told) endWork(turn, work);
}
