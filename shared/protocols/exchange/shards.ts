import { crc32 } from '../../data/crc32.ts';
import type { NodeId } from '../../sim/operation.ts';
import type { CouchState } from './types.ts';

type Layout = {
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

/** The other nodes that share a shard with this one. */
export function shardPeers(state: CouchState): NodeId[] {
  const { self, nodes, knobs } = state;
  const peers = new Set<NodeId>();
  for (let shard = 0; shard < knobs.q; shard++) {
    const copies = copiesOfShard(shard, nodes, knobs.n);
    if (copies.includes(self)) for (const copy of copies) peers.add(copy);
  }
  return nodes.filter((node) => node !== self && peers.has(node));
}

/** Whether what is under this key also belongs at the target: among peers everything does. */
export function belongsAt(state: CouchState, key: string, target: NodeId): boolean {
  return state.knobs.mode === 'peers' || copiesOf(key, state).includes(target);
}

/**
 * To whom a peer replicates: to everybody while there are few; among many to those at distances 1, 2, 4 … on both
 * sides, so that a change gets everywhere in few steps and a server keeps few connections.
 */
export function neighboursOf({ self, nodes, knobs }: CouchState): NodeId[] {
  const here = nodes.indexOf(self);
  const chosen = new Set<NodeId>();
  const add = (index: number): void => {
    const node = nodes[((index % nodes.length) + nodes.length) % nodes.length] ?? self;
    if (node !== self && chosen.size < knobs.neighbours) chosen.add(node);
  };
  for (let distance = 1; distance < nodes.length; distance *= 2) {
    add(here + distance);
    add(here - distance);
  }
  for (let distance = 1; distance < nodes.length; distance++) add(here + distance);
  return nodes.filter((node) => chosen.has(node));
}
