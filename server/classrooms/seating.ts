import { keysOf, lookUp } from '../../shared/base/table.ts';
import type { Fold } from '../../shared/recording/fold.ts';
import type { NodeId } from '../../shared/sim/operation.ts';

/** The bot's node that the next student takes: where the group has fewest students, then in node order. */
export function chooseSeat(fold: Fold, reserved: ReadonlySet<NodeId>): NodeId | null {
  const isTaken = (node: NodeId) => reserved.has(node) || lookUp(fold.class.seats, node)?.by === 'student';
  const crowds = new Map<string | null, number>();
  const groups = groupsOf(fold);
  for (const [node, group] of groups) if (isTaken(node)) crowds.set(group, (crowds.get(group) ?? 0) + 1);
  let best: { node: NodeId; crowd: number } | null = null;
  for (const [node, group] of groups) {
    const crowd = crowds.get(group) ?? 0;
    if (!isTaken(node) && (best === null || crowd < best.crowd)) best = { node, crowd };
  }
  return best?.node ?? null;
}

/** The group a student is told to be in: the first by name that holds the node. */
export function groupsOf(fold: Fold): ReadonlyMap<NodeId, string | null> {
  const found = new Map<NodeId, string | null>(fold.header.nodes.map((node) => [node, null]));
  const { groups } = fold.world;
  for (const name of keysOf(groups).reverse()) for (const node of groups[name] ?? []) found.set(node, name);
  return found;
}
