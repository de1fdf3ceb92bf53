import { below } from '../../base/random.ts';
import { keysOf, lookUp } from '../../base/table.ts';
import {
  bucketOf,
  childrenOf,
  differing,
  LEAF_LEVEL,
  type MerkleHashes,
  merkleTree,
  type MerkleTree,
  rootOf,
} from '../../data/merkle.ts';
import { labelOf } from '../../data/versions.ts';
import type { NodeId } from '../../sim/operation.ts';
import { ANTI_ENTROPY } from './constants.ts';
import { expectAnswer, isDown } from './detector.ts';
import { ownersOf } from './places.ts';
import { positionOf } from './ring.ts';
import { keep } from './storage.ts';
import { mark, send, setTimer, type Turn } from './turn.ts';
import type { Copies, QuorumState } from './types.ts';

/**
 * Replica synchronization (DeCandia et al. 2007 §4.7): what neither hints nor reads have repaired is found by
 * comparing Merkle trees with another owner. The paper keeps a tree for each key range; here the two build one
 * tree over the keys that both own, which covers the same keys. Nobody remembers anything between messages:
 * each compares what it is shown with its tree of that moment, so a lost message costs no more than a round.
 */
export function onAntiEntropy(turn: Turn): void {
  const { state } = turn;
  setTimer(turn, 'anti-entropy', ANTI_ENTROPY);
  const peers = coOwners(state);
  const peer = peers[below(turn.random, Math.max(1, peers.length))];
  if (peer === undefined) return;
  send(turn, peer, { kind: 'tree', level: 0, hashes: rootOf(treeWith(state, peer)) });
  expectAnswer(turn, peer);
}

/** The other side shows a level of its tree: show the children of what differs, or at the leaves the keys. */
export function onTree(turn: Turn, from: NodeId, level: number, hashes: MerkleHashes): void {
  const tree = treeWith(turn.state, from);
  const nodes = differing(tree, level, hashes);
  // A root is always answered: the silence of a peer that agrees would look like that of one that is down.
  if (nodes.length === 0 && level > 0) return;
  if (level < LEAF_LEVEL) {
    send(turn, from, { kind: 'tree', level: level + 1, hashes: childrenOf(tree, level, nodes) });
    return;
  }
  const entries = entriesIn(turn.state, from, nodes);
  send(turn, from, { kind: 'leaves', buckets: nodes, entries, answer: false });
}

/** The other side's keys in the buckets that differ: merge them, and give it the result in return. */
export function onLeaves(
  turn: Turn,
  from: NodeId,
  buckets: readonly number[],
  entries: readonly (readonly [key: string, versions: Copies])[],
  answer: boolean,
): void {
  const { state } = turn;
  for (const [key, versions] of entries) {
    if (keep(turn, key, versions, null)) mark(turn, 'repair', `${state.self} learns ${key} from ${from}`);
  }
  if (answer) return;
  send(turn, from, { kind: 'leaves', buckets, entries: entriesIn(state, from, buckets), answer: true });
}

/** Healthy nodes that own a key which this node owns and has. */
function coOwners(state: QuorumState): NodeId[] {
  const peers = new Set<NodeId>();
  for (const key of keysOf(state.durable.data)) {
    for (const owner of ownersOf(state, key)) {
      if (owner !== state.self && !isDown(state, owner)) peers.add(owner);
    }
  }
  return [...peers].sort();
}

function treeWith(state: QuorumState, peer: NodeId): MerkleTree {
  return merkleTree(
    sharedWith(state, peer).map(([key, versions]) => ({
      position: positionOf(key),
      label: `${key} ${labelOf(versions)}`,
    })),
  );
}

function entriesIn(state: QuorumState, peer: NodeId, buckets: readonly number[]): [string, Copies][] {
  return sharedWith(state, peer).filter(([key]) => buckets.includes(bucketOf(positionOf(key))));
}

function sharedWith(state: QuorumState, peer: NodeId): [string, Copies][] {
  const { data } = state.durable;
  return keysOf(data)
    .filter((key) => ownersOf(state, key).includes(peer))
    .map((key) => [key, lookUp(data, key) ?? []]);
}
