import { assert } from '../../../base/assert.ts';
import { equal } from '../../../base/json.ts';
import { keysOf, lookUp, type Table, unorderedKeysOf } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import type { Ring } from './ring-state.ts';

/**
 * What both tables know of the rings that members have, and that a member has one of this age: a table itself where
 * nothing of it is new. Rings come by the thousand where hundreds gossip, and to find a name in a large table is slow:
 * tables are compared by their counts in the order of the members, worked out once for each, and as little as can be is
 * written.
 */
export function joinSeen(
  { members, seen }: Ring,
  other: Ring['seen'],
  node: NodeId,
  age: number,
): Ring['seen'] {
  const names = namesOf(members);
  const [here, there] = [countsOf(seen, names), countsOf(other, names)];
  const [lacking, ahead] = [placesBehind(here, there), placesBehind(there, here)];
  const [base, places, from] = lacking.length <= ahead.length ? [seen, lacking, there] : [other, ahead, here];
  if (places.length === 0 && lookUp(base, node) === age) return base;
  const joined: Table<number> = { ...base };
  const counts = [...countsOf(base, names)];
  for (const place of places) joined[names[place] ?? ''] = counts[place] = from[place] ?? NEVER;
  joined[node] = counts[names.indexOf(node)] = age;
  counted.set(joined, { names, counts });
  return joined;
}

function placesBehind(counts: readonly number[], others: readonly number[]): number[] {
  const places: number[] = [];
  for (let place = 0; place < counts.length; place++) {
    if ((counts[place] ?? NEVER) < (others[place] ?? NEVER)) places.push(place);
  }
  return places;
}

type Counts = { readonly names: readonly NodeId[]; readonly counts: readonly number[] };

const NEVER = -1;
const counted = new WeakMap<Ring['seen'], Counts>();

function countsOf(seen: Ring['seen'], names: readonly NodeId[]): readonly number[] {
  const known = counted.get(seen);
  if (known?.names === names) return known.counts;
  const counts = names.map((name) => lookUp(seen, name) ?? NEVER);
  const readers = counts.filter((count) => count !== NEVER).length;
  assert(unorderedKeysOf(seen).length === readers, 'only members have a ring');
  counted.set(seen, { names, counts });
  return counts;
}

/** The same list for all tables with the same names: most changes are of a status alone. */
const named = new WeakMap<Ring['members'], readonly NodeId[]>();
let latest: readonly NodeId[] = [];

function namesOf(members: Ring['members']): readonly NodeId[] {
  const known = named.get(members);
  if (known !== undefined) return known;
  const names = keysOf(members);
  if (!equal(names, latest)) latest = names;
  named.set(members, latest);
  return latest;
}
