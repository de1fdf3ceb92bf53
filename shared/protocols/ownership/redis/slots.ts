import { crc16 } from '../../../data/crc16.ts';
import type { NodeId } from '../../../sim/operation.ts';

/** How many hash slots there are (redis src/cluster.h, CLUSTER_SLOTS). */
export const SLOTS = 16_384;

/** The slot of a key: of the part between the first `{` and the `}` after it, if there is one, else of all of it. */
export function slotOf(key: string): number {
  const open = key.indexOf('{');
  const close = open < 0 ? -1 : key.indexOf('}', open + 1);
  const hashed = close > open + 1 ? key.slice(open + 1, close) : key;
  return crc16(hashed) % SLOTS;
}

/** The slots that a master is given when the cluster is made, both ends included. They only ever move together. */
export type SlotRange = { readonly first: number; readonly last: number };

/** The slots split evenly, as `redis-cli --cluster create` does: each end is rounded to the nearest slot. */
export function rangesOf(masters: number): SlotRange[] {
  const end = (count: number): number => Math.floor((2 * count * SLOTS + masters) / (2 * masters));
  return Array.from({ length: masters }, (_, index) => ({ first: end(index), last: end(index + 1) - 1 }));
}

/** The number of the range that a key's slot is in. */
export function rangeOf(key: string, masters: number): number {
  const slot = slotOf(key);
  return rangesOf(masters).findIndex(({ first, last }) => first <= slot && slot <= last);
}

/** Who is what when the cluster is made. */
export type Layout = {
  /** In the order of their slot ranges. */
  readonly masters: readonly NodeId[];
  /** By node: whom it replicates; null for masters and for those that have neither slots nor a master. */
  readonly masterOf: ReadonlyMap<NodeId, NodeId | null>;
};

/**
 * The first nodes are masters, as many as asked for or as there are; the following ones become their replicas in
 * turn, until every master has its number. Nodes left over belong to the cluster with neither slots nor a master,
 * as after `redis-cli --cluster add-node`.
 */
export function layoutOf(
  nodes: readonly NodeId[],
  knobs: { readonly masters: number; readonly replicasPerMaster: number },
): Layout {
  const masters = nodes.slice(0, knobs.masters);
  const masterOf = new Map<NodeId, NodeId | null>();
  nodes.forEach((node, index) => {
    const turn = index - masters.length;
    const isReplica = turn >= 0 && turn < masters.length * knobs.replicasPerMaster;
    masterOf.set(node, isReplica ? (masters[turn % masters.length] ?? null) : null);
  });
  return { masters, masterOf };
}
