import { keysOf, lookUp, type Table } from '../../../base/table.ts';
import { liveNames, newestTimestamp } from '../../../data/cells.ts';
import type { DataView, ReplicaView } from '../../../sim/protocol.ts';
import { namedColumns, read } from './columns.ts';
import { describeTime, describeValue } from './describe.ts';
import { isServing, statusOf } from './statuses.ts';
import { rowOf } from './storage.ts';
import { pendingOf, replicasOf, ringOf } from './turn.ts';
import type { CassandraState } from './types.ts';

/** What a node looks like from outside: its rows as data, hints, suspects and tombstones as facts. */
export function view(state: CassandraState): ReplicaView {
  const { rows, hints } = state.durable;
  const data: Table<DataView> = {};
  const deleted: string[] = [];
  const foreign: string[] = [];
  for (const key of keysOf(rows)) {
    const row = rowOf(state, key);
    if (isForeign(state, key)) foreign.push(key);
    else if (liveNames(row).length === 0) deleted.push(key);
    else data[key] = { values: valuesOf(state, key), version: describeTime(newestTimestamp(row)) };
  }
  const facts: [string, string][] = [];
  for (const owner of keysOf(hints)) {
    facts.push([`hints for ${owner}`, keysOf(lookUp(hints, owner) ?? {}).join(', ')]);
  }
  const down = keysOf(state.down);
  if (down.length > 0) facts.push(['thought down', down.join(', ')]);
  if (deleted.length > 0) facts.push(['tombstones', deleted.join(', ')]);
  if (foreign.length > 0) facts.push(['left until nodetool cleanup', foreign.join(', ')]);
  const { statuses } = state.durable;
  if (statuses === undefined && state.members === undefined) {
    return { role: 'replica', term: null, leader: null, data, facts };
  }
  const status = statusOf(state, state.self);
  if (status !== null && status !== 'NORMAL') facts.push(['status', status]);
  const version = keysOf(statuses ?? {}).reduce(
    (sum, node) => sum + (lookUp(statuses ?? {}, node)?.version ?? 0),
    0,
  );
  const role = isServing(state) ? 'replica' : 'spare';
  return { role, term: null, leader: null, data, facts, members: { version, voters: ringOf(state) } };
}

/** A row that moved to others stays here, and nobody asks for it. */
function isForeign(state: CassandraState, key: string): boolean {
  if (state.ring === undefined || !isServing(state)) return false;
  return ![...replicasOf(state, key), ...pendingOf(state, key)].includes(state.self);
}

/** A row as people see it: its value, and the columns that they named. */
function valuesOf(state: CassandraState, key: string): DataView['values'] {
  const row = rowOf(state, key);
  const columns = namedColumns(row);
  const named = keysOf(columns).map((name) => `${name}=${describeValue(lookUp(columns, name) ?? null)}`);
  const value = read(row, null);
  return [value === null && named.length > 0 ? named.join(' ') : value];
}
