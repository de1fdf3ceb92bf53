import { keysOf, lookUp, type Table } from '../../../shared/base/table.ts';
import type { NodeId } from '../../../shared/sim/operation.ts';
import type { SideReport } from '../../../shared/classroom/situation.ts';
import { groupLook, type GroupLook } from '../ui/groups.ts';

/** A group as it is drawn. */
export type GroupPicture = {
  readonly name: string;
  readonly look: GroupLook;
  /** Never empty: a group without members has nothing to show. */
  readonly nodes: readonly NodeId[];
};

/** The name under which nodes without a group are drawn. It cannot be the name of a real one. */
export const NO_GROUP = '';

/** What nodes in no group look like: no hue of their own, a plain circle. */
const NO_LOOK: GroupLook = { ...groupLook('a'), letter: '–' };

/**
 * Every node in exactly one group, as a picture needs it: groups are sets and may overlap, then a node is
 * drawn in the first by name; nodes in none are drawn together at the end.
 */
export function groupsOf(groups: Readonly<Table<NodeId[]>>, nodes: readonly NodeId[]): GroupPicture[] {
  const placed = new Set<NodeId>();
  const pictures: GroupPicture[] = [];
  for (const name of keysOf(groups)) {
    const members = new Set(lookUp(groups, name) ?? []);
    const own = nodes.filter((node) => members.has(node) && !placed.has(node));
    for (const node of own) placed.add(node);
    if (own.length > 0) pictures.push({ name, look: groupLook(name), nodes: own });
  }
  const left = nodes.filter((node) => !placed.has(node));
  if (left.length > 0) pictures.push({ name: NO_GROUP, look: NO_LOOK, nodes: left });
  return pictures;
}

/** The side that most of a group's nodes are on; null where none of them runs. */
export function sideOf(group: GroupPicture, sides: readonly SideReport[]): SideReport | null {
  let best: { side: SideReport; count: number } | null = null;
  for (const side of sides) {
    const count = group.nodes.filter((node) => side.nodes.includes(node)).length;
    if (count > (best?.count ?? 0)) best = { side, count };
  }
  return best?.side ?? null;
}
