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
    const waitsFor = new Int32Array(this.#next.length);
    for (const edges of this.#next)
      for (const to of edges.keys()) waitsFor[to] = (waitsFor[to] as number) + 1;
    const order: number[] = [];
    waitsFor.forEach((count, node) => void (count === 0 && order.push(node)));
    for (let i = 0; i < order.length; i++) {
      for (const to of this.successors(order[i] as number)) {
        waitsFor[to] = (waitsFor[to] as number) - 1;
        if (waitsFor[to] === 0) order.push(to);
      }
    }
    return order.length === this.#next.length ? order : null;
  }

  /** A circle with no shorter one through its first node; null when there is none. */
  circle(): number[] | null {
    if (this.sorted() !== null) return null;
    let best: number[] | null = null;
    let looks = 0;
    for (let start = 0; start < this.#next.length && looks < MOST_LOOKS; start++) {
      const way = this.#wayBack(start);
      if (way === null) continue;
      looks++;
      if (best === null || way.length < best.length) best = way;
      if (best.length === 2) break;
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

  /** The shortest way from a node back to itself. */
  #wayBack(start: number): number[] | null {
    const cameFrom = new Map<number, number>();
    const queue = [start];
    for (let i = 0; i < queue.length; i++) {
      const node = queue[i] as number;
      for (const next of this.successors(node)) {
        if (next === start) {
          const way = [node];
          for (let at = node; at !== start;) way.push((at = cameFrom.get(at) as number));
          return way.reverse();
        }
        if (cameFrom.has(next)) continue;
        cameFrom.set(next, node);
        queue.push(next);
      }
    }
    return null;
  }
}
