import { unreachable } from '../../../base/assert.ts';
import { canonical } from '../../../base/json.ts';
import { lookUp, type Table } from '../../../base/table.ts';
import { type Cell, type Cells, liveNames } from '../../../data/cells.ts';
import type { NodeId, Stored, Value } from '../../../sim/operation.ts';
import type { Change, Condition } from './types.ts';

/**
 * The table of the class: `key` with a column `value`, a `set<…> items`, a `list<…> list`, a counter, and
 * whatever further columns people name. Elements of collections are cells of their own with timestamps of their
 * own, so two sides that add to one set lose nothing.
 */
const VALUE = '/value';
const ITEMS = '/items/';
const LIST = '/list/';
const COUNT = '/count/';
const ROW = '/';

/** The cells of a change, written at `at` microseconds; `now` milliseconds is when its tombstones are made. */
export function cellsOf(change: Change, at: number, now: number, self: NodeId): Cells {
  const tombstone: Cell = { at, value: null, deleted: now };
  switch (change.kind) {
    case 'assign': {
      const cell: Cell = { at, value: change.value, deleted: null };
      if (change.column !== null) return { [columnName(change.column)]: cell };
      // A plain value takes the place of a collection, so that a read returns what was written last.
      return { [VALUE]: cell, [ITEMS]: tombstone, [LIST]: tombstone };
    }
    case 'delete':
      return { [ROW]: tombstone };
    case 'add':
      return { [itemName(change.value)]: { at, value: change.value, deleted: null } };
    case 'remove':
      return { [itemName(change.value)]: tombstone };
    case 'append':
      return { [`${LIST}${timeUuid(at, self)}`]: { at, value: change.value, deleted: null } };
    default:
      return unreachable(change);
  }
}

/** The name of a disk's counter shard. */
export function shardName(disk: string): string {
  return `${COUNT}${disk}`;
}

/** What a `SELECT` shows: the named column, or else the set, the list, the counter or the value. */
export function read(cells: Cells, column: string | null): Stored {
  if (column !== null) return valueOf(cells, columnName(column));
  const live = liveNames(cells);
  const below = (prefix: string): Value[] =>
    live.filter((name) => name.startsWith(prefix)).map((name) => valueOf(cells, name));
  for (const collection of [ITEMS, LIST]) {
    const values = below(collection);
    if (values.length > 0) return values;
  }
  const shards = below(COUNT);
  if (shards.length > 0) return shards.reduce<number>((sum, shard) => sum + Number(shard), 0);
  return valueOf(cells, VALUE);
}

/** Columns that people named, with their values: `phone=12`. */
export function namedColumns(cells: Cells): Table<Value> {
  const columns: Table<Value> = {};
  for (const name of liveNames(cells)) {
    if (name.startsWith(COLUMN)) columns[name.slice(COLUMN.length)] = valueOf(cells, name);
  }
  return columns;
}

/** Whether a condition holds for a row. */
export function holds(cells: Cells, condition: Condition): boolean {
  switch (condition.kind) {
    case 'exists':
      return liveNames(cells).length > 0;
    case 'not-exists':
      return liveNames(cells).length === 0;
    case 'equals':
      return canonical(read(cells, condition.column)) === canonical(condition.value);
    default:
      return unreachable(condition);
  }
}

const COLUMN = '/column/';

function columnName(column: string): string {
  return `${COLUMN}${column}`;
}

function itemName(item: Value): string {
  return `${ITEMS}${canonical(item)}`;
}

function valueOf(cells: Cells, name: string): Value {
  return lookUp(cells, name)?.value ?? null;
}

/** List elements are ordered by the clock of whoever appended them. */
function timeUuid(at: number, node: NodeId): string {
  return `${String(at).padStart(16, '0')} ${node}`;
}
