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
  readonly #bars: readonly Bar[];
  /** Of the bars up to each one, when the last of them ends. */
  readonly #latestEnd: readonly number[];

  constructor(operations: readonly OperationRecord[], nodes: readonly NodeId[]) {
    const place = new Map(nodes.map((node, index) => [node, index]));
    const busyUntil = new Map<number, number[]>();
    const latestEnd: number[] = [];
    this.#bars = operations.map((operation): Bar => {
      const node = place.get(operation.node) ?? 0;
      const busy = busyUntil.get(node) ?? new Array<number>(LANES).fill(-1);
      busyUntil.set(node, busy);
      const free = busy.findIndex((until) => until < operation.invoked);
      const lane = free === -1 ? LANES - 1 : free;
      busy[lane] = Math.max(busy[lane] ?? 0, endOf(operation));
      latestEnd.push(Math.max(latestEnd.at(-1) ?? 0, endOf(operation)));
      return { kind: 'operation', operation, node, lane };
    });
    this.#latestEnd = latestEnd;
  }

  get all(): readonly Bar[] {
    return this.#bars;
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
