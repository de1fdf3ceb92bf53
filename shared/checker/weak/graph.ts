/** How many nodes are asked for the shortest circle through them. */
const MOST_LOOKS = 20;

/** A directed graph of numbered nodes. Each edge may carry why it is there. */
export class Graph<Why = undefined> {
  readonly #next: Map<number, Why>[];

  constructor(size: number) {
    this.#next = Array.from({ length: size }, () => new Map<number, Why>());
  }

  add(from: number, to: number, why: Why): void {
    const edges = this.#next[from];
    if (edges !== undefined && !edges.has(to)) edges.set(to, why);
  }

  /** Why there is an edge; undefined when there is none. */
  why(from: number, to: number): Why | undefined {
    return this.#next[from]?.get(to);
  }

  successors(node: number): Iterable<number> {
    return this.#next[node]?.keys() ?? [];
  }

  /** The nodes so that every edge leads onwards; null when there is a circle. */
  sorted(): number[] | null {
    const order = this.#peeled(this.#next);
    return order.length === this.#next.length ? order : null;
  }

  /** A circle with no shorter one through its first node; null when there is none. */
  circle(): number[] | null {
    let best: number[] | null = null;
    let looks = 0;
    for (const start of this.#between()) {
      const way = this.#wayBack(start, best?.length ?? Infinity);
      if (way === null) continue;
      best = way;
      if (++looks === MOST_LOOKS || best.length === 2) break;
    }
    return best;
  }

  /** The nodes on the shortest way from one node to another, without the two; empty when there is none. */
  way(from: number, to: number): number[] {
    const cameFrom = new Map<number, number>([[from, from]]);
    const queue = [from];
    for (let i = 0; i < queue.length && !cameFrom.has(to); i++) {
      const node = queue[i] as number;
      for (const next of this.successors(node)) {
        if (cameFrom.has(next)) continue;
        cameFrom.set(next, node);
        queue.push(next);
      }
    }
    const way: number[] = [];
    for (let at = cameFrom.get(to) ?? from; at !== from; at = cameFrom.get(at) as number) way.push(at);
    return way;
  }

  /** The shortest way from a node back to itself; null when there is none of less than `limit` nodes. */
  #wayBack(start: number, limit: number): number[] | null {
    const cameFrom = new Map<number, number>();
    const lengths = new Map([[start, 1]]);
    const queue = [start];
    for (let i = 0; i < queue.length; i++) {
      const node = queue[i] as number;
      const length = lengths.get(node) as number;
      if (length >= limit) return null;
      for (const next of this.successors(node)) {
        if (next === start) {
          const way = [node];
          for (let at = node; at !== start;) way.push((at = cameFrom.get(at) as number));
          return way.reverse();
        }
        if (lengths.has(next)) continue;
        lengths.set(next, length + 1);
        cameFrom.set(next, node);
        queue.push(next);
      }
    }
    return null;
  }

  /** Nodes behind a circle and before one: all that are in one, and few others. */
  #between(): number[] {
    const before = new Set(this.#peeled(this.#next));
    if (before.size === this.#next.length) return [];
    const backwards = this.#next.map(() => new Map<number, unknown>());
    this.#next.forEach((edges, from) => {
      for (const to of edges.keys()) backwards[to]?.set(from, undefined);
    });
    const behind = new Set(this.#peeled(backwards));
    return [...this.#next.keys()].filter((node) => !before.has(node) && !behind.has(node));
  }

  /** The nodes to which no circle leads, each after all that lead to it. */
  #peeled(edges: readonly ReadonlyMap<number, unknown>[]): number[] {
    const waitsFor = new Int32Array(edges.length);
    for (const some of edges) for (const to of some.keys()) waitsFor[to] = (waitsFor[to] as number) + 1;
    const order: number[] = [];
    waitsFor.forEach((count, node) => void (count === 0 && order.push(node)));
    for (let i = 0; i < order.length; i++) {
      for (const to of edges[order[i] as number]?.keys() ?? []) {
        waitsFor[to] = (waitsFor[to] as number) - 1;
        if (waitsFor[to] === 0) order.push(to);
      }
    }
    return order;
  }
}
