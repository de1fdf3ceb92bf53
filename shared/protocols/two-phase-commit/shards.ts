import { assert } from '../../base/assert.ts';
import type { NodeId } from '../../sim/operation.ts';
import type { Move } from './types.ts';

/** The one node that keeps a key: a hash that can be worked out by hand, the sum of the key's letters. */
export function ownerOf(key: string, nodes: readonly NodeId[]): NodeId {
  const sum = Array.from(key).reduce((total, letter) => total + (letter.codePointAt(0) ?? 0), 0);
  const owner = nodes[sum % nodes.length];
  assert(owner !== undefined, 'a cluster has nodes');
  return owner;
}

/** The nodes that keep what a transaction changes, each once; a coordinator that is one of them comes last. */
export function participantsOf(moves: readonly Move[], nodes: readonly NodeId[], self: NodeId): NodeId[] {
  const owners = new Set(moves.map(({ key }) => ownerOf(key, nodes)));
  const others = [...owners].filter((owner) => owner !== self);
  return owners.has(self) ? [...others, self] : others;
}
