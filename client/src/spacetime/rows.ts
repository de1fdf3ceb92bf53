import type { GroupPicture } from '../cluster/groups.ts';
import type { NodeId } from '../../../shared/sim/operation.ts';
import type { GroupLook } from '../ui/groups.ts';

/** A line of the diagram: a node, or a group whose nodes are drawn as one. Pixels from the top of the drawing. */
export type Row = {
  readonly key: string;
  readonly kind: 'node' | 'group';
  readonly name: string;
  readonly look: GroupLook;
  readonly group: string;
  /** Places of its nodes in the header's list. */
  readonly nodes: readonly number[];
  readonly y: number;
};

/** All lines, and of each node the place of its line; -1 where it is hidden. */
export type Rows = {
  readonly list: readonly Row[];
  readonly of: Int32Array;
  readonly height: number;
  /** The distance between two lines. */
  readonly step: number;
};

/** Room above the first line for faults and for the signs of the whole cluster. */
export const TOP = 52;
const STEP_MIN = 24;
const STEP_MAX = 104;
/** Between two groups there is that much more room, as a share of the step. */
const GROUP_GAP = 0.3;

/** Places the lines group by group in a drawing of at least this height; it is higher when they are many. */
export function rowsOf(
  groups: readonly GroupPicture[],
  nodes: readonly NodeId[],
  collapsed: ReadonlySet<string>,
  hidden: ReadonlySet<NodeId>,
  height: number,
): Rows {
  const place = new Map(nodes.map((node, index) => [node, index]));
  const found: Omit<Row, 'y'>[] = [];
  for (const { name, look, nodes: members } of groups) {
    const shown = members.filter((node) => !hidden.has(node));
    const places = shown.map((node) => place.get(node) ?? 0);
    if (collapsed.has(name)) {
      if (shown.length > 0)
        found.push({ key: `group ${name}`, kind: 'group', name, look, group: name, nodes: places });
      continue;
    }
    for (const node of shown)
      found.push({ key: node, kind: 'node', name: node, look, group: name, nodes: [place.get(node) ?? 0] });
  }
  const gaps = found.filter((row, index) => index > 0 && row.group !== found[index - 1]?.group).length;
  const steps = Math.max(1, found.length + gaps * GROUP_GAP);
  const step = Math.max(STEP_MIN, Math.min(STEP_MAX, (height - TOP) / steps));
  const of = new Int32Array(nodes.length).fill(-1);
  let y = TOP - step * 0.4;
  const list = found.map((row, index): Row => {
    y += step * (index > 0 && row.group !== found[index - 1]?.group ? 1 + GROUP_GAP : 1);
    for (const node of row.nodes) of[node] = index;
    return { ...row, y };
  });
  return { list, of, step, height: Math.max(height, y + step * 0.6) };
}
