import { keysOf, lookUp, type Table } from '../../../base/table.ts';
import { describeClock } from '../../../data/vector-clock.ts';
import type { Stored } from '../../../sim/operation.ts';
import type { DataView, ReplicaView } from '../../../sim/protocol.ts';
import { isEmpty, valueOf } from './data-types.ts';
import { EMPTY, type Entry, liveValues, mergeEntries } from './entry.ts';
import { ownerOf } from './ring.ts';
import type { RiakState } from './types.ts';
import { fallbacks } from './vnode.ts';

/** What a node looks like from outside: what all its vnodes together have, and whose fallback it is. */
export function view(state: RiakState): ReplicaView {
  const { vnodes } = state.durable;
  const merged: Table<Entry> = {};
  for (const partition of keysOf(vnodes)) {
    const shelf = lookUp(vnodes, partition) ?? {};
    for (const key of keysOf(shelf)) {
      const entry = lookUp(shelf, key)?.entry ?? EMPTY;
      merged[key] = mergeEntries(state.knobs, lookUp(merged, key) ?? EMPTY, entry);
    }
  }
  const data: Table<DataView> = {};
  for (const key of keysOf(merged)) {
    const entry = lookUp(merged, key) ?? EMPTY;
    const values = visibleValues(entry);
    if (values.length > 0) data[key] = { values, version: describeClock(entry.object.seen) };
  }
  return { role: 'replica', term: null, leader: null, data, facts: factsOf(state) };
}

/** What a reader who names no type finds: the object's values, or else the first data type that has something. */
export function visibleValues({ object, types }: Entry): Stored[] {
  const values = liveValues(object);
  if (values.length > 0) return values;
  const held = keysOf(types)
    .map((name) => lookUp(types, name))
    .find((type) => type !== undefined && !isEmpty(type));
  return held === undefined ? [] : [valueOf(held)];
}

function factsOf(state: RiakState): [string, string][] {
  const kept: Table<string[]> = {};
  for (const partition of fallbacks(state)) {
    const owner = ownerOf(partition, state.nodes);
    (kept[owner] ??= []).push(...keysOf(lookUp(state.durable.vnodes, String(partition)) ?? {}));
  }
  const facts = keysOf(kept).map((owner): [string, string] => {
    return [`kept for ${owner}`, [...new Set(lookUp(kept, owner))].sort().join(', ')];
  });
  const down = keysOf(state.down);
  if (down.length > 0) facts.push(['thought down', down.join(', ')]);
  return facts;
}
