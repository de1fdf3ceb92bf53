import type { NodeId, OperationRecord } from '../../../shared/sim/operation.ts';

/** An operation as a bar at its node: in which lane, so that two under way at once do not hide each other. */
export type Bar = {
  readonly kind: 'operation';
  readonly operation: OperationRecord;
  readonly node: number;
  /** From 0; the last lane takes all for which there is no room. */
  readonly lane: number;
};

export const LANES = 3;

/** All operations of a run, to be found by time. */
export class Bars {
  /** In the order of invocation. */
  readonly #bars: Bar[] = [];
  /** Of the bars up to each one, when the last of them ends, as far as that was known when it was added. */
  readonly #latestEnd: number[] = [];
  readonly #place: ReadonlyMap<NodeId, number>;
  /** The operation that took each lane of a node last. */
  readonly #lanes = new Map<number, (OperationRecord | null)[]>();

  constructor(operations: readonly OperationRecord[], nodes: readonly NodeId[]) {
    this.#place = new Map(nodes.map((node, index) => [node, index]));
    this.extend(operations);
  }

  get all(): readonly Bar[] {
    return this.#bars;
  }

  /** Adds those that came after the ones it has. Operations may end later: their records are read when drawn. */
  extend(operations: readonly OperationRecord[]): void {
    for (const operation of operations.slice(this.#bars.length)) {
      const node = this.#place.get(operation.node) ?? 0;
      const lanes = this.#lanes.get(node) ?? new Array<OperationRecord | null>(LANES).fill(null);
      this.#lanes.set(node, lanes);
      const free = lanes.findIndex((busy) => busy === null || endOf(busy) < operation.invoked);
      const lane = free === -1 ? LANES - 1 : free;
      const before = lanes[lane] ?? null;
      lanes[lane] = before !== null && endOf(before) > endOf(operation) ? before : operation;
      this.#latestEnd.push(Math.max(this.#latestEnd.at(-1) ?? 0, endOf(operation)));
      this.#bars.push({ kind: 'operation', operation, node, lane });
    }
  }

  /** Those under way at some time from `from` to `until`, in the order of invocation. */
  between(from: number, until: number): Bar[] {
    const found: Bar[] = [];
    for (let i = this.#firstAfter(until) - 1; i >= 0 && (this.#latestEnd[i] ?? 0) >= from; i--) {
      const bar = this.#bars[i];
      if (bar !== undefined && endOf(bar.operation) >= from) found.push(bar);
    }
    return found.reverse();
  }

  #firstAfter(at: number): number {
    let low = 0;
    let high = this.#bars.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#bars[middle]?.operation.invoked ?? 0) <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Infinity while it is under way. */
export function endOf({ returned }: OperationRecord): number {
  return returned ?? Infinity;
}
