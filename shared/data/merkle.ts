import { mix, streamSeed } from '../base/random.ts';

/**
 * A Merkle tree of fixed shape over the hashes of keys (DeCandia et al. 2007 §4.7): two copies that differ in
 * one key find it by comparing the root, the children of what differs, and so on, instead of everything.
 * `levels[0]` is the root alone; every node has four children; the leaves are buckets of neighbouring hashes.
 */
export type MerkleTree = { readonly levels: readonly (readonly number[])[] };

/** The level of the leaves: 4 ^ 3 = 64 buckets, plenty for what a class writes. */
export const LEAF_LEVEL = 3;
const CHILDREN_BITS = 2;
const BUCKET_BITS = LEAF_LEVEL * CHILDREN_BITS;

/** One thing to be compared: where its key lies, and a text that differs when its content does. */
export type MerkleItem = { readonly position: number; readonly label: string };

/** The bucket of a key that lies at a position, a uint32. */
export function bucketOf(position: number): number {
  return position >>> (32 - BUCKET_BITS);
}

/** The tree of a set of items; their order does not matter. */
export function merkleTree(items: readonly MerkleItem[]): MerkleTree {
  const leaves = new Array<number>(1 << BUCKET_BITS).fill(0);
  for (const { position, label } of items) {
    const bucket = bucketOf(position);
    leaves[bucket] = ((leaves[bucket] ?? 0) + streamSeed(position, label)) >>> 0;
  }
  const levels: number[][] = [leaves];
  for (let level = LEAF_LEVEL; level > 0; level--) {
    const below = levels[0] ?? [];
    const above = new Array<number>(below.length >>> CHILDREN_BITS).fill(0);
    below.forEach((hash, index) => {
      above[index >>> CHILDREN_BITS] = mix((above[index >>> CHILDREN_BITS] ?? 0) ^ hash);
    });
    levels.unshift(above);
  }
  return { levels };
}

/** Hashes of some nodes of one level. */
export type MerkleHashes = readonly (readonly [index: number, hash: number])[];

export function rootOf(tree: MerkleTree): MerkleHashes {
  return [[0, tree.levels[0]?.[0] ?? 0]];
}

/** What to say to a level of another's tree: the children of what differs, at the leaves which buckets do. */
export function answerTo(
  tree: MerkleTree,
  level: number,
  hashes: MerkleHashes,
):
  | { readonly kind: 'same' }
  | { readonly kind: 'children'; readonly level: number; readonly hashes: MerkleHashes }
  | { readonly kind: 'leaves'; readonly buckets: readonly number[] } {
  const nodes = differing(tree, level, hashes);
  if (nodes.length === 0) return { kind: 'same' };
  if (level === LEAF_LEVEL) return { kind: 'leaves', buckets: nodes };
  return { kind: 'children', level: level + 1, hashes: childrenOf(tree, level, nodes) };
}

/** Which of the nodes that another tree shows differ here. */
export function differing(tree: MerkleTree, level: number, hashes: MerkleHashes): number[] {
  const own = tree.levels[level] ?? [];
  return hashes.filter(([index, hash]) => own[index] !== hash).map(([index]) => index);
}

/** The children of some nodes of a level: what to show of the next one. */
export function childrenOf(tree: MerkleTree, level: number, nodes: readonly number[]): MerkleHashes {
  const below = tree.levels[level + 1] ?? [];
  return nodes.flatMap((node) =>
    below
      .slice(node << CHILDREN_BITS, (node + 1) << CHILDREN_BITS)
      .map((hash, i): [number, number] => [(node << CHILDREN_BITS) + i, hash]),
  );
}
