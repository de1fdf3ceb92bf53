import { keysOf, lookUp, type Table } from '../../../base/table.ts';
import { describeClock } from '../../../data/vector-clock.ts';
import type { Stored } from '../../../sim/operation.ts';
import type { DataView, ReplicaView } from '../../../sim/protocol.ts';
import { isEmpty, valueOf } from './data-types.ts';
import { EMPTY, type Entry, liveValues, mergeEntries } from './entry.ts';
import { isSpare, membersOf, ownersOf, peersOf } from './membership.ts';
import { ageOf, isReady, membersWith, type Ring } from './ring-state.ts';
import type { RiakState } from './types.ts';
import { fallbacks } from './vnode.ts';

/**
 * What a node looks like from outside: what all its vnodes together have, and whose fallback it is. A machine that
 * belongs to no cluster knows less of it than anybody.
 */
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
  const role = isSpare(state) ? 'spare' : 'replica';
  const version = isSpare(state) ? -1 : state.durable.ring ? ageOf(state.durable.ring) : 0;
  const members = { version, voters: membersOf(state) };
  return { role, term: null, leader: null, data, facts: factsOf(state), members };
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
    const owner = ownersOf(state)[partition] ?? 'nobody';
    (kept[owner] ??= []).push(...keysOf(lookUp(state.durable.vnodes, String(partition)) ?? {}));
  }
  const facts = keysOf(kept).map((owner): [string, string] => {
    return [`kept for ${owner}`, [...new Set(lookUp(kept, owner))].sort().join(', ')];
  });
  const peers = peersOf(state);
  const down = keysOf(state.down).filter((node) => peers.includes(node));
  if (down.length > 0) facts.push(['thought down', down.join(', ')]);
  if (state.durable.ring) facts.push(...ringFacts(state.durable.ring));
  return facts;
}

function ringFacts(ring: Ring): [string, string][] {
  const facts: [string, string][] = [['claimant', ring.claimant]];
  for (const status of ['joining', 'leaving', 'exiting'] as const) {
    const members = membersWith(ring, status);
    if (members.length > 0) facts.push([status, members.join(', ')]);
  }
  const left = ring.pending.filter(({ done }) => !done).length;
  if (left > 0) facts.push(['to move', `${left} ${left === 1 ? 'partition' : 'partitions'}`]);
  if (!isReady(ring)) facts.push(['ring', 'not all members have seen it']);
  return facts;
}
