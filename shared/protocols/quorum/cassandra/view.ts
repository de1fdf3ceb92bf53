import { keysOf, lookUp, type Table } from '../../../base/table.ts';
import { liveNames, newestTimestamp } from '../../../data/cells.ts';
import type { DataView, ReplicaView } from '../../../sim/protocol.ts';
import { namedColumns, read } from './columns.ts';
import { describeTime, describeValue } from './describe.ts';
import { rowOf } from './storage.ts';
import type { CassandraState } from './types.ts';

/** What a node looks like from outside: its rows as data, hints, suspects and tombstones as facts. */
export function view(state: CassandraState): ReplicaView {
  const { rows, hints } = state.durable;
  const data: Table<DataView> = {};
  const deleted: string[] = [];
  for (const key of keysOf(rows)) {
    const row = rowOf(state, key);
    if (liveNames(row).length === 0) deleted.push(key);
    else data[key] = { values: valuesOf(state, key), version: describeTime(newestTimestamp(row)) };
  }
  const facts: [string, string][] = [];
  for (const owner of keysOf(hints)) {
    facts.push([`hints for ${owner}`, keysOf(lookUp(hints, owner) ?? {}).join(', ')]);
  }
  const down = keysOf(state.down);
  if (down.length > 0) facts.push(['thought down', down.join(', ')]);
  if (deleted.length > 0) facts.push(['tombstones', deleted.join(', ')]);
  return { role: 'replica', term: null, leader: null, data, facts };
}

/** A row as people see it: its value, and the columns that they named. */
function valuesOf(state: CassandraState, key: string): DataView['values'] {
  const row = rowOf(state, key);
  const columns = namedColumns(row);
  const named = keysOf(columns).map((name) => `${name}=${describeValue(lookUp(columns, name) ?? null)}`);
  const value = read(row, null);
  return [value === null && named.length > 0 ? named.join(' ') : value];
}
