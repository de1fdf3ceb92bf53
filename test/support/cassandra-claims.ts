import { canonical } from '../../shared/base/json.ts';
import { keysOf } from '../../shared/base/table.ts';
import type { Cells } from '../../shared/data/cells.ts';
import type { CassandraState, Durable } from '../../shared/protocols/quorum/cassandra/types.ts';
import type { NodeId, OperationRecord } from '../../shared/sim/operation.ts';
import type { World } from '../../shared/sim/world.ts';
import { Violation } from './fuzz.ts';

/** What a node has on its disk, up or not. */
export function diskOf(world: World, id: NodeId): Durable {
  const node = world.node(id);
  return node.up ? (node.replica as CassandraState).durable : (node.durable as Durable);
}

/** Whether a row has something written at a time or later. */
export function hasSince(cells: Cells, at: number): boolean {
  return keysOf(cells).some((name) => (cells[name]?.at ?? 0) >= at);
}

/** Microseconds, out of `@12.345678 s`. */
export function timestampOf({ result }: OperationRecord): number {
  const [, seconds = '0', rest = '0'] = /^@(-?\d+)\.(\d+) s$/.exec(result?.version ?? '') ?? [];
  return Number(seconds) * 1_000_000 + Number(rest);
}

/** Every value of a row is one that somebody has asked to write. */
export function checkAsked(world: World, key: string, cells: Cells): void {
  for (const name of keysOf(cells)) {
    const cell = cells[name];
    if (cell === undefined || cell.deleted !== null || typeof cell.value === 'number') continue;
    if (!world.operations.some((asked) => asked.key === key && asked.value === cell.value)) {
      throw new Violation('no invented values', `${key} holds ${canonical(cell.value)}`);
    }
  }
}

/** A seat is given away once, and whoever asks in order is told to whom; returns to whom, as far as it is told. */
export function checkSeat(world: World, { key, id }: OperationRecord): unknown {
  const told = new Set(
    world.operations
      .filter((operation) => operation.key === key && operation.class === 'ok')
      .map(({ kind, value, result }) =>
        kind === 'write' && result?.applied === true ? value : result?.value,
      )
      .filter((value) => value !== null && value !== undefined),
  );
  if (told.size > 1)
    throw new Violation('a seat is given away once', `${key}, told ${id}: ${[...told].join(' ')}`);
  const [owner] = told;
  return owner;
}

/** A read sees what those operations had seen that ended before it began, or something later. */
export function checkOrder(read: OperationRecord, others: readonly OperationRecord[]): void {
  const earlier = others.filter(
    ({ key, class: outcome, returned }) =>
      key === read.key && outcome === 'ok' && returned !== null && returned < read.invoked,
  );
  const seen = Math.max(0, ...earlier.map(timestampOf));
  if (timestampOf(read) < seen) {
    throw new Violation('quorums overlap', `${read.id} at ${read.node} reads what is older than ${seen}`);
  }
}

/** The owners of a key have the same row, cell by cell. */
export function checkAgreement(world: World, key: string, owners: readonly NodeId[]): void {
  const rows = owners.map((owner) => canonical(diskOf(world, owner).rows[key] ?? {}));
  if (new Set(rows).size > 1) {
    throw new Violation('replicas agree after a repair', `${key} at ${owners.join(' ')}: ${rows.join(' ')}`);
  }
}

/** What a replica has counted: all increments that were acknowledged, and none that was not asked. */
export function checkCounter(world: World, owner: NodeId): void {
  const likes = world.operations.filter(({ kind }) => kind === 'increment');
  const shards = diskOf(world, owner).rows['likes'] ?? {};
  const total = keysOf(shards).reduce((sum, name) => sum + Number(shards[name]?.value), 0);
  const certain = likes.filter(({ class: outcome }) => outcome === 'ok').length;
  const possible = likes.filter(({ class: outcome }) => outcome !== 'fail').length;
  if (total < certain || total > possible) {
    throw new Violation('a counter loses nothing', `${total}, acknowledged ${certain}, possible ${possible}`);
  }
}
