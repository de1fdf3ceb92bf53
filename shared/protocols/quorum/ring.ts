import { streamSeed } from '../../base/random.ts';
import type { NodeId } from '../../sim/operation.ts';

/**
 * Consistent hashing (DeCandia et al. 2007 §4.2, §4.3): nodes and keys lie on a ring of 2^32 positions; a key
 * belongs to the first N distinct nodes clockwise from it, its preference list. Each node lies there several
 * times, so that nodes share the keys more evenly, and when one joins it takes a little from each.
 */
export function placement(key: string, nodes: readonly NodeId[], n: number): NodeId[] {
  return firstOf(walk(key, nodes), n);
}

/** Where a key lies on the ring, a uint32. */
export function positionOf(key: string): number {
  return streamSeed(KEY_SEED, key);
}

/** Every node once, in the order in which the ring is met clockwise from the key. */
export function walk(key: string, nodes: readonly NodeId[]): Generator<NodeId> {
  return walkFrom(ringOf(nodes), positionOf(key));
}

/** The preference list of every range of the ring: the keys between two neighbouring tokens share one. */
export function rangesOf(nodes: readonly NodeId[], n: number): NodeId[][] {
  const ring = ringOf(nodes);
  return ring.map(({ position }) => firstOf(walkFrom(ring, position), n));
}

/** Who lies at each place of the ring, in its order: the ranges of keys that end there are its partitions. */
export function partitionsOf(nodes: readonly NodeId[]): NodeId[] {
  return ringOf(nodes).map(({ node }) => node);
}

/** In which of these partitions a key lies, from 0. */
export function partitionOf(key: string, nodes: readonly NodeId[]): number {
  const ring = ringOf(nodes);
  return firstAt(ring, positionOf(key)) % ring.length;
}

/** A part of the ring whose owners change, and who they were and will be. */
export type Move = { readonly before: readonly NodeId[]; readonly after: readonly NodeId[] };

/** What changes hands when one list of nodes takes the place of another. */
export function movesOf(before: readonly NodeId[], after: readonly NodeId[], n: number): Move[] {
  const tokens = [...ringOf(before), ...ringOf(after)].map(({ position }) => position);
  const moves = [...new Set(tokens)].map((position) => ({
    before: firstOf(walkFrom(ringOf(before), position), n),
    after: firstOf(walkFrom(ringOf(after), position), n),
  }));
  return moves.filter((move) => move.after.some((node) => !move.before.includes(node)));
}

function firstOf(walked: Generator<NodeId>, n: number): NodeId[] {
  const owners: NodeId[] = [];
  for (const node of walked) {
    owners.push(node);
    if (owners.length === n) break;
  }
  return owners;
}

/** How often each node lies on the ring. The paper leaves the number to the machine's capacity. */
const TOKENS = 8;
const KEY_SEED = 0x6b657973;
const RING_SEED = 0x72696e67;

type Token = { readonly position: number; readonly node: NodeId };
type Ring = readonly Token[];

function* walkFrom(ring: Ring, position: number): Generator<NodeId> {
  const seen = new Set<NodeId>();
  const start = firstAt(ring, position);
  for (let i = 0; i < ring.length; i++) {
    const token = ring[(start + i) % ring.length];
    if (token === undefined || seen.has(token.node)) continue;
    seen.add(token.node);
    yield token.node;
  }
}

/** The index of the first token at or after a position. */
function firstAt(ring: Ring, position: number): number {
  let [low, high] = [0, ring.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ring[middle]?.position ?? 0) < position) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Rings already worked out. They are a pure function of the nodes and would be most of a replica's state; so
 * replicas keep the list of nodes only. The lists of one cluster are one object until it is loaded from a
 * checkpoint, when each replica has its own equal one: hence the second look by content.
 */
const ringsByList = new WeakMap<readonly NodeId[], Ring>();
let latest: { readonly names: string; readonly ring: Ring } = { names: '', ring: [] };

function ringOf(nodes: readonly NodeId[]): Ring {
  const known = ringsByList.get(nodes);
  if (known !== undefined) return known;
  const names = nodes.join('\n');
  if (latest.names !== names) latest = { names, ring: createRing(nodes) };
  ringsByList.set(nodes, latest.ring);
  return latest.ring;
}

function createRing(nodes: readonly NodeId[]): Ring {
  return nodes
    .flatMap((node) =>
      Array.from({ length: TOKENS }, (_, i) => ({ position: streamSeed(RING_SEED + i, node), node })),
    )
    .sort((a, b) => a.position - b.position || (a.node < b.node ? -1 : 1));
}
