import { canonical } from '../../../base/json.ts';
import { streamSeed } from '../../../base/random.ts';
import { keysOf, lookUp } from '../../../base/table.ts';
import { type Cell, type Cells, mergeCells, purgeTombstones } from '../../../data/cells.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { mark, setTimer, type Turn } from './turn.ts';
import type { CassandraKnobs, CassandraState } from './types.ts';

/** The row of a key at this replica; empty where it has none. */
export function rowOf(state: CassandraState, key: string): Cells {
  return lookUp(state.durable.rows, key) ?? EMPTY_ROW;
}

/** Writes cells: of each the newer version stays. True when something was new. */
export function apply(turn: Turn, key: string, cells: Cells): boolean {
  const { state } = turn;
  const before = rowOf(state, key);
  const after = mergeCells(before, cells);
  if (after === before) return false;
  state.durable.rows[key] = after;
  turn.persists = true;
  awaitCompaction(turn);
  return true;
}

/** The same for what comes late, in a hint or a repair: says so when an earlier write is dropped for a later one. */
export function applyLate(turn: Turn, key: string, cells: Cells, from: NodeId): boolean {
  const { self } = turn.state;
  const before = rowOf(turn.state, key);
  const isNew = apply(turn, key, cells);
  for (const name of keysOf(cells)) {
    const theirs = lookUp(cells, name);
    const mine = lookUp(before, name);
    if (!isValue(theirs) || !isValue(mine) || theirs.at === mine.at) continue;
    const [lost, kept] = theirs.at < mine.at ? [theirs, mine] : [mine, theirs];
    const where = `${self} gets ${key} from ${from}`;
    mark(turn, 'conflict', `${where}: ${show(kept)} has the later timestamp, ${show(lost)} is dropped`);
  }
  return isNew;
}

/** A number that differs when rows differ. */
export function digestOf(cells: Cells): number {
  return streamSeed(0, canonical(cells));
}

/** Compaction drops tombstones older than gc_grace: whoever has not heard of the delete by then never will. */
export function compact(turn: Turn): void {
  const { state } = turn;
  const { rows } = state.durable;
  state.compacting = false;
  const until = turn.now - graceOf(state.knobs);
  for (const key of keysOf(rows)) {
    const before = rowOf(state, key);
    const after = purgeTombstones(before, until);
    if (after === before) continue;
    if (keysOf(after).length > 0) rows[key] = after;
    else delete rows[key];
    turn.persists = true;
  }
  awaitCompaction(turn);
}

/** Sets the timer for the oldest tombstone, if there is one and the timer does not run. */
export function awaitCompaction(turn: Turn): void {
  const { state } = turn;
  if (state.compacting) return;
  let oldest: number | null = null;
  for (const key of keysOf(state.durable.rows)) {
    const row = rowOf(state, key);
    for (const name of keysOf(row)) {
      const deleted = lookUp(row, name)?.deleted ?? null;
      if (deleted !== null) oldest = Math.min(oldest ?? deleted, deleted);
    }
  }
  if (oldest === null) return;
  state.compacting = true;
  setTimer(turn, 'compaction', Math.max(COMPACTION, oldest + graceOf(state.knobs) - turn.now));
}

/** gc_grace in milliseconds. */
export function graceOf({ gcGrace }: CassandraKnobs): number {
  return gcGrace * 1000;
}

const EMPTY_ROW: Cells = {};

/** Compactions are not closer together than this, milliseconds. The real ones come when files pile up. */
const COMPACTION = 1000;

function isValue(cell: Cell | undefined): cell is Cell {
  return cell !== undefined && cell.deleted === null;
}

function show({ value }: Cell): string {
  return typeof value === 'string' ? value : canonical(value);
}
