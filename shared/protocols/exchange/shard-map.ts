import type { NodeId } from '../../sim/operation.ts';
import { copiesOfShard, type Layout } from './shards.ts';

/** Which nodes keep copies of each range, as the database's document in `_dbs` has it (`by_range`). */
export type ShardMap = readonly (readonly NodeId[])[];

/** What an administrator reckons with: who is a member, and how many copies each range is to have. */
type Cluster = { readonly members: readonly NodeId[]; readonly n: number };

/** The map as it was made when the database was created. */
export function foundingMap({ nodes, knobs }: Layout): ShardMap {
  return Array.from({ length: knobs.q }, (_, shard) => copiesOfShard(shard, nodes, knobs.n));
}

/**
 * With a further copy at a member for every range that it is to have: those that have too few, and then so many of the
 * others that it has its share. From whom it takes them over is for `withoutSurplus` to say.
 */
export function withShareOf(map: ShardMap, node: NodeId, cluster: Cluster): ShardMap {
  const wanted = copiesWanted(cluster);
  const present = (copies: readonly NodeId[]) => copies.filter((copy) => cluster.members.includes(copy));
  const grown = map.map((copies) => {
    return copies.includes(node) || present(copies).length >= wanted ? copies : [...copies, node];
  });
  const share = Math.floor((map.length * wanted) / cluster.members.length);
  let after = grown;
  while (countOf(after, node) < share) {
    const shard = mostLoaded(after, node, wanted);
    if (shard === null) break;
    grown[shard] = [...(grown[shard] ?? []), node];
    after = grown.map((copies) => trim(after, copies, node, cluster));
  }
  return grown;
}

/** Of ranges that this node keeps and that have more copies than they are to have, the others give some up. */
export function withoutSurplus(map: ShardMap, node: NodeId, cluster: Cluster): ShardMap {
  let after = map;
  for (const [shard, copies] of map.entries()) {
    const trimmed = trim(after, copies, node, cluster);
    after = after.map((others, other) => (other === shard ? trimmed : others));
  }
  return after;
}

/** Who is to take over the copy of a node that leaves: whoever has the fewest. Null: there are enough without it. */
export function successorOf(map: ShardMap, shard: number, node: NodeId, cluster: Cluster): NodeId | null {
  const members = cluster.members.filter((member) => member !== node);
  const copies = map[shard] ?? [];
  const kept = copies.filter((copy) => members.includes(copy));
  if (kept.length >= copiesWanted({ ...cluster, members })) return null;
  const free = members.filter((member) => !copies.includes(member));
  return least(free, (member) => countOf(map, member));
}

export function withCopy(map: ShardMap, shard: number, node: NodeId): ShardMap {
  return map.map((copies, other) => (other === shard ? [...copies, node] : copies));
}

export function withoutCopy(map: ShardMap, shard: number, node: NodeId): ShardMap {
  return map.map((copies, other) => (other === shard ? copies.filter((copy) => copy !== node) : copies));
}

function copiesWanted({ members, n }: Cluster): number {
  return Math.min(n, members.length);
}

function countOf(map: ShardMap, node: NodeId): number {
  return map.filter((copies) => copies.includes(node)).length;
}

/** Of the ranges that a node does not keep the one whose copies are at the busiest nodes. */
function mostLoaded(map: ShardMap, node: NodeId, wanted: number): number | null {
  const load = (shard: number) => Math.max(...(map[shard] ?? []).map((copy) => countOf(map, copy)));
  const movable = [...map.keys()].filter((shard) => {
    const copies = map[shard] ?? [];
    return !copies.includes(node) && copies.length >= wanted;
  });
  return least(movable, (shard) => -load(shard));
}

/** Who is no member goes first, then who keeps the most. */
function trim(map: ShardMap, copies: readonly NodeId[], node: NodeId, cluster: Cluster): readonly NodeId[] {
  if (!copies.includes(node)) return copies;
  let left = copies;
  while (left.length > copiesWanted(cluster)) {
    const others = left.filter((copy) => copy !== node);
    const stranger = others.find((copy) => !cluster.members.includes(copy));
    const gives = stranger ?? least(others, (copy) => -countOf(map, copy));
    if (gives === null) break;
    left = left.filter((copy) => copy !== gives);
  }
  return left;
}

/** The first of those for which a number is least. */
function least<T>(items: readonly T[], numberOf: (item: T) => number): T | null {
  let found: T | null = null;
  for (const item of items) if (found === null || numberOf(item) < numberOf(found)) found = item;
  return found;
}
