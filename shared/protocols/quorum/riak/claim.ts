import type { NodeId } from '../../../sim/operation.ts';
import { TARGET_N } from './ring.ts';

/**
 * Who is to own each partition once those who do not claim any have given theirs away
 * (riak_core_gossip.erl, `remove_from_cluster`). Each goes to whoever has the fewest, and none of its neighbours.
 */
export function reassigned(owners: readonly NodeId[], claimers: readonly NodeId[]): readonly NodeId[] {
  if (claimers.length === 0 || owners.every((owner) => claimers.includes(owner))) return owners;
  const next = [...owners];
  for (const [partition, owner] of owners.entries()) {
    if (claimers.includes(owner)) continue;
    const shares = sharesOf(next, claimers);
    next[partition] = claimers.reduce((best, node) => {
      const byNeighbours = crowd(next, partition, node) - crowd(next, partition, best);
      const byShare = (shares.get(node) ?? 0) - (shares.get(best) ?? 0);
      return (byNeighbours === 0 ? byShare : byNeighbours) < 0 ? node : best;
    });
  }
  return next;
}

/**
 * Who is to own each partition once everybody has a fair share (riak_core_claim.erl, `choose_claim_v2`): who has
 * too few takes from those who have the most, where it owns no neighbour. Real Riak lays the whole ring out anew
 * when that cannot be had; here two neighbours then lie on one node.
 */
export function rebalanced(owners: readonly NodeId[], claimers: readonly NodeId[]): readonly NodeId[] {
  const next = [...owners];
  const share = Math.floor(owners.length / Math.max(1, claimers.length));
  let isChanged = false;
  for (const taker of claimers) {
    for (;;) {
      const shares = sharesOf(next, claimers);
      if ((shares.get(taker) ?? 0) >= share) break;
      next[mostSpare(next, shares, taker)] = taker;
      isChanged = true;
    }
  }
  return isChanged ? next : owners;
}

/** The partition that a node takes next: of whoever has the most, and far from its own. */
function mostSpare(owners: readonly NodeId[], shares: ReadonlyMap<NodeId, number>, taker: NodeId): number {
  const costOf = (partition: number): number => {
    const owner = owners[partition] ?? '';
    return crowd(owners, partition, taker) * owners.length - (shares.get(owner) ?? 0);
  };
  const others = owners.flatMap((owner, partition) => (owner === taker ? [] : [partition]));
  return others.reduce((best, partition) => (costOf(partition) < costOf(best) ? partition : best));
}

/** How many neighbours of a partition a node owns. */
function crowd(owners: readonly NodeId[], partition: number, node: NodeId): number {
  let count = 0;
  for (let step = 1 - TARGET_N; step < TARGET_N; step++) {
    if (step !== 0 && owners[(partition + step + owners.length) % owners.length] === node) count++;
  }
  return count;
}

function sharesOf(owners: readonly NodeId[], claimers: readonly NodeId[]): Map<NodeId, number> {
  const shares = new Map(claimers.map((node) => [node, 0]));
  for (const owner of owners) shares.set(owner, (shares.get(owner) ?? 0) + 1);
  return shares;
}
