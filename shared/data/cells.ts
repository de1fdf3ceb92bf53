import { canonical } from '../base/json.ts';
import { keysOf, lookUp, type Table } from '../base/table.ts';

/** What one cell holds. */
export type CellValue = string | number | boolean | null;

/** One cell of a row, as Cassandra keeps it. */
export type Cell = {
  /** The write's timestamp, microseconds of the writer's clock. The higher one wins. */
  readonly at: number;
  readonly value: CellValue;
  /** A tombstone: when it was made, milliseconds of the writer's clock. Null where there is a value. */
  readonly deleted: number | null;
};

/**
 * A row: its cells by name. Names are paths: `/value`, `/items/"tea"`. A tombstone under a name that ends with a
 * slash covers everything below it: `/items/` a whole collection, `/` the row.
 */
export type Cells = Readonly<Table<Cell>>;

/**
 * Both rows in one: of each cell the newer version, without what tombstones cover. Commutative, associative and
 * idempotent. This is last-write-wins, cell by cell: what loses is gone without a trace. When `b` tells nothing
 * new the result is `a` itself.
 */
export function mergeCells(a: Cells, b: Cells): Cells {
  const merged: Table<Cell> = { ...a };
  let isNew = false;
  for (const name of keysOf(b)) {
    const theirs = lookUp(b, name);
    if (theirs === undefined || isCovered(a, name, theirs)) continue;
    const mine = lookUp(a, name);
    if (mine !== undefined && !isNewer(theirs, mine)) continue;
    merged[name] = theirs;
    isNew = true;
  }
  if (!isNew) return a;
  for (const name of keysOf(merged)) {
    const cell = lookUp(merged, name);
    if (cell !== undefined && isCovered(merged, name, cell)) delete merged[name];
  }
  return merged;
}

/** The row without tombstones made at or before a time: from here on nothing tells that there was a delete. */
export function purgeTombstones(cells: Cells, until: number): Cells {
  const gone = keysOf(cells).filter((name) => isPurgeable(lookUp(cells, name), until));
  if (gone.length === 0) return cells;
  const left: Table<Cell> = { ...cells };
  for (const name of gone) delete left[name];
  return left;
}

/** The names of the cells that hold a value. */
export function liveNames(cells: Cells): string[] {
  return keysOf(cells).filter((name) => lookUp(cells, name)?.deleted === null);
}

/** The timestamp of the newest cell or tombstone, 0 for an empty row. */
export function newestTimestamp(cells: Cells): number {
  return keysOf(cells).reduce((newest, name) => Math.max(newest, lookUp(cells, name)?.at ?? 0), 0);
}

/** Higher timestamp; at the same one a tombstone, then the larger value (Cassandra, db/rows/Cells.java). */
function isNewer(a: Cell, b: Cell): boolean {
  if (a.at !== b.at) return a.at > b.at;
  if (a.deleted !== null || b.deleted !== null) return (a.deleted ?? -1) > (b.deleted ?? -1);
  return canonical(a.value) > canonical(b.value);
}

/** A tombstone also covers what was written in its own microsecond. */
function isCovered(cells: Cells, name: string, { at }: Cell): boolean {
  return ['/', name.slice(0, name.indexOf('/', 1) + 1)].some((cover) => {
    const tombstone = cover === name ? undefined : lookUp(cells, cover);
    return tombstone !== undefined && tombstone.at >= at;
  });
}

function isPurgeable(cell: Cell | undefined, until: number): boolean {
  return cell !== undefined && cell.deleted !== null && cell.deleted <= until;
}
