import { keysOf, lookUp } from '../../shared/base/table.ts';
import type { Fold } from '../../shared/recording/fold.ts';
import type { NodeId } from '../../shared/sim/operation.ts';

/** Gives away the bots' nodes: where the group has fewest students, then in the order of the nodes. */
export class Seating {
  readonly #fold: Fold;
  /** Free seats in the order in which they are given away, while nobody stands up and groups stay as they are. */
  #order: NodeId[] = [];
  #groups: Fold['world']['groups'] | null = null;
  readonly #reserved = new Set<NodeId>();

  constructor(fold: Fold) {
    this.#fold = fold;
  }

  /** Keeps the next free seat for somebody until it is taken or released; null when there is none. */
  reserve(): NodeId | null {
    if (this.#groups !== this.#fold.world.groups) this.#arrange();
    let node = this.#order.shift();
    while (node !== undefined && this.#isTaken(node)) node = this.#order.shift();
    if (node === undefined) return null;
    this.#reserved.add(node);
    return node;
  }

  /** The recording says who sits there, or nobody does. */
  release(node: NodeId): void {
    this.#reserved.delete(node);
    if (!this.#isTaken(node)) this.changed();
  }

  /** A seat may be free again. */
  changed(): void {
    this.#groups = null;
  }

  #isTaken(node: NodeId): boolean {
    return this.#reserved.has(node) || lookUp(this.#fold.class.seats, node)?.by === 'student';
  }

  /** Once for a whole class that comes in, where each one's look at everybody's seat would be a stall. */
  #arrange(): void {
    this.#groups = this.#fold.world.groups;
    const crowds = new Map<string | null, { free: NodeId[]; students: number }>();
    for (const [node, group] of groupsOf(this.#fold)) {
      const crowd = crowds.get(group) ?? { free: [], students: 0 };
      crowds.set(group, crowd);
      if (this.#isTaken(node)) crowd.students++;
      else crowd.free.push(node);
    }
    const open = [...crowds.values()].filter(({ free }) => free.length > 0);
    this.#order = open
      .flatMap(({ free, students }) => free.map((node, index) => ({ node, crowd: students + index })))
      .sort((a, b) => a.crowd - b.crowd)
      .map(({ node }) => node);
  }
}

/** The group a student is told to be in: the first by name that holds the node. */
export function groupsOf(fold: Fold): ReadonlyMap<NodeId, string | null> {
  const { groups } = fold.world;
  const known = found.get(groups);
  if (known !== undefined) return known;
  const all = new Map<NodeId, string | null>(fold.header.nodes.map((node) => [node, null]));
  for (const name of keysOf(groups).reverse()) for (const node of groups[name] ?? []) all.set(node, name);
  found.set(groups, all);
  return all;
}

/** Found once for each state of the groups: whoever changes them makes new ones. */
const found = new WeakMap<Fold['world']['groups'], ReadonlyMap<NodeId, string | null>>();
