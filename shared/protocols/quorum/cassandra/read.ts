import { keysOf, lookUp } from '../../../base/table.ts';
import { type Cells, mergeCells, newestTimestamp } from '../../../data/cells.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { read } from './columns.ts';
import { blockFor, type Consistency } from './consistency.ts';
import { startReadRepair } from './read-repair.ts';
import { digestOf } from './storage.ts';
import {
  begin,
  cancelTimer,
  endWork,
  isAlive,
  nextId,
  replicasOf,
  send,
  setTimer,
  tell,
  type Turn,
} from './turn.ts';
import type { ReadWork, Asker } from './work.ts';

/**
 * Coordinates a read (service/reads/AbstractReadExecutor.java): asks as many replicas as the level demands, one
 * for the row and the others for a digest of it. One more is asked when they are slow. If all agree that is the
 * answer; if not, all send their rows, and the newer cell of each wins.
 */
export function startRead(
  turn: Turn,
  asker: Asker,
  key: string,
  column: string | null,
  consistency: Consistency,
): void {
  const { state } = turn;
  if (consistency === 'ANY') {
    tell(turn, asker, { kind: 'invalid', error: 'ANY ConsistencyLevel is only supported for writes' });
    return;
  }
  const required = blockFor(consistency, state.knobs.replicationFactor);
  const replicas = replicasOf(state, key).filter((node) => isAlive(state, node));
  if (replicas.length < required) {
    tell(turn, asker, { kind: 'unavailable', consistency, required, alive: replicas.length });
    return;
  }
  const work: ReadWork = begin(turn, {
    kind: 'read',
    id: nextId(state),
    asker,
    key,
    column,
    consistency,
    required,
    replicas,
    contacted: required,
    stage: 'digests',
    rows: {},
    digests: {},
    result: {},
    repairing: [],
  });
  setTimer(turn, `wait-${work.id}`, state.knobs.readTimeout);
  const { speculativeRetry } = state.knobs;
  if (speculativeRetry > 0 && replicas.length > required) setTimer(turn, `more-${work.id}`, speculativeRetry);
  replicas.slice(0, required).forEach((node, index) => ask(turn, work, node, index > 0));
}

export function onData(turn: Turn, from: NodeId, work: ReadWork, cells: Cells): void {
  work.rows[from] = cells;
  proceed(turn, work);
}

export function onDigest(turn: Turn, from: NodeId, work: ReadWork, digest: number): void {
  if (work.stage !== 'digests') return;
  work.digests[from] = digest;
  proceed(turn, work);
}

/** The replicas asked are slow: one more may be quicker than the slowest of them. */
export function onSpeculation(turn: Turn, work: ReadWork): void {
  const extra = work.replicas[work.contacted];
  if (work.stage !== 'digests' || extra === undefined) return;
  work.contacted++;
  ask(turn, work, extra, false);
}

export function onReadTimeout(turn: Turn, work: ReadWork): void {
  const { consistency, required, rows } = work;
  const received = work.stage === 'digests' ? answersTo(work).length : required;
  const hasData = keysOf(rows).length > 0;
  tell(turn, work.asker, { kind: 'read-timeout', consistency, required, received, hasData });
  end(turn, work);
}

/** Answers with a row that is as it should be. */
export function answer(turn: Turn, work: ReadWork, cells: Cells): void {
  const { asker, column } = work;
  if (asker.kind === 'transaction') turn.ended.push({ id: asker.id, outcome: { kind: 'cells', cells } });
  else tell(turn, asker, { kind: 'row', value: read(cells, column), timestamp: newestTimestamp(cells) });
  end(turn, work);
}

function ask(turn: Turn, work: ReadWork, node: NodeId, digest: boolean): void {
  send(turn, node, { kind: 'read', id: work.id, key: work.key, digest });
}

function proceed(turn: Turn, work: ReadWork): void {
  if (work.stage === 'digests') compareDigests(turn, work);
  else if (work.stage === 'rows') resolveRows(turn, work);
}

function compareDigests(turn: Turn, work: ReadWork): void {
  const from = answersTo(work);
  const [first] = keysOf(work.rows);
  if (from.length < work.required || first === undefined) return;
  const row = lookUp(work.rows, first) ?? {};
  const digests = from.map((node) => digestAt(work, node));
  if (digests.every((digest) => digest === digestOf(row))) {
    answer(turn, work, row);
    return;
  }
  work.stage = 'rows';
  for (const node of keysOf(work.digests)) ask(turn, work, node, false);
  resolveRows(turn, work);
}

/** All who answered first have sent their rows now. */
function resolveRows(turn: Turn, work: ReadWork): void {
  if (answersTo(work).some((node) => lookUp(work.rows, node) === undefined)) return;
  const result = keysOf(work.rows).reduce<Cells>(
    (row, node) => mergeCells(row, lookUp(work.rows, node) ?? {}),
    {},
  );
  if (turn.state.knobs.readRepair === 'BLOCKING') startReadRepair(turn, work, result);
  if (work.repairing.length === 0) answer(turn, work, result);
}

function answersTo(work: ReadWork): NodeId[] {
  return work.replicas.filter(
    (node) => lookUp(work.rows, node) !== undefined || lookUp(work.digests, node) !== undefined,
  );
}

function digestAt(work: ReadWork, node: NodeId): number {
  const row = lookUp(work.rows, node);
  return row === undefined ? (lookUp(work.digests, node) ?? 0) : digestOf(row);
}

function end(turn: Turn, work: ReadWork): void {
  cancelTimer(turn, `more-${work.id}`);
  endWork(turn, work);
}
