import { crc32 } from '../../data/crc32.ts';
import type { NodeId } from '../../sim/operation.ts';

export type Layout = {
  readonly nodes: readonly NodeId[];
  readonly knobs: { readonly q: number; readonly n: number };
};

/**
 * Where a cluster keeps a document (mem3_util.erl, `create_partition_map`): the hash of its id falls into one of q
 * equal ranges, and each range has n copies on nodes dealt round. Nobody stands in for a node that is away.
 */
export function copiesOf(key: string, { nodes, knobs }: Layout): NodeId[] {
  return copiesOfShard(shardOf(key, knobs.q), nodes, knobs.n);
}

export function shardOf(key: string, q: number): number {
  return Math.floor((crc32(key) / 0x1_0000_0000) * q);
}

export function copiesOfShard(shard: number, nodes: readonly NodeId[], n: number): NodeId[] {
  return Array.from({ length: n }, (_, copy) => nodes[(shard * n + copy) % nodes.length] ?? '');
}

/** Every node that keeps a copy of anything, in the order of the nodes. */
export function holders({ nodes, knobs }: Layout): NodeId[] {
  return nodes.slice(0, Math.min(nodes.length, knobs.q * knobs.n));
}

/**
 * To whom a peer replicates: to everybody while there are few; among many to those at distances 1, 2, 4 … on both
 * sides, so that a change gets everywhere in few steps and a server keeps few connections.
 */
export function neighboursOf(self: NodeId, nodes: readonly NodeId[], neighbours: number): NodeId[] {
  const here = nodes.indexOf(self);
  const chosen = new Set<NodeId>();
  const add = (index: number): void => {
    const node = nodes[((index % nodes.length) + nodes.length) % nodes.length] ?? self;
    if (node !== self && chosen.size < neighbours) chosen.add(node);
  };
  for (let distance = 1; distance < nodes.length; distance *= 2) {
    add(here + distance);
    add(here - distance);
  }
  for (let distance = 1; distance < nodes.length; distance++) add(here + distance);
  return nodes.filter((node) => chosen.has(node));
}
