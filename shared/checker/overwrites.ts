import { isCertain, type Operation } from './history.ts';

/** Which of the writes that had returned by a time began last: whatever returned before it began is surely gone. */
export class Overwrites {
  readonly #returns: Float64Array;
  /** By place in the order of returns, the write that began last so far. */
  readonly #latest: Operation[] = [];

  constructor(writes: readonly Operation[]) {
    const sorted = writes.filter(isCertain).sort((a, b) => a.ret - b.ret);
    this.#returns = Float64Array.from(sorted, ({ ret }) => ret);
    let latest = sorted[0];
    for (const write of sorted) {
      if (latest === undefined || write.call > latest.call) latest = write;
      this.#latest.push(latest);
    }
  }

  /** The write that began last among those that returned before a time; undefined when none had. */
  latestBefore(time: number): Operation | undefined {
    let low = 0;
    let high = this.#returns.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#returns[middle] as number) < time) low = middle + 1;
      else high = middle;
    }
    return this.#latest[low - 1];
  }
}
