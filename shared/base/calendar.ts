/**
 * Items by time, those of one time in the order in which they were put in. Virtual time is in whole
 * milliseconds and many things happen in the same one, so a heap of distinct times over a list for each
 * does far less work than a heap of items.
 */
export class Calendar<T> {
  readonly #days = new Map<number, T[]>();
  /** A binary heap of the times in `days`, the earliest on top. */
  readonly #times: number[] = [];
  /** How many items of the earliest time are taken already. */
  #taken = 0;

  /** The earliest time that has an item; undefined when there is none. */
  get next(): number | undefined {
    return this.#times[0];
  }

  put(at: number, item: T): void {
    const day = this.#days.get(at);
    if (day !== undefined) {
      day.push(item);
      return;
    }
    // A time before the one being taken would have to break into it; nothing may be put in the past.
    if (this.#taken > 0 && at < (this.#times[0] ?? 0)) throw new RangeError(`${at} is in the past`);
    this.#days.set(at, [item]);
    this.#rise(at);
  }

  /** Takes the first item of the earliest time. */
  take(): T | undefined {
    const at = this.#times[0];
    if (at === undefined) return undefined;
    const day = this.#days.get(at) ?? [];
    const item = day[this.#taken++];
    if (this.#taken >= day.length) {
      this.#days.delete(at);
      this.#taken = 0;
      this.#sink();
    }
    return item;
  }

  /** Everything in the calendar, by time. For looking and saving; it takes time. */
  items(): T[] {
    const times = [...this.#times].sort((a, b) => a - b);
    return times.flatMap((at, index) => (this.#days.get(at) ?? []).slice(index === 0 ? this.#taken : 0));
  }

  #rise(at: number): void {
    const times = this.#times;
    let index = times.length;
    times.push(at);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = times[parent] ?? 0;
      if (above <= at) break;
      times[index] = above;
      index = parent;
    }
    times[index] = at;
  }

  /** Takes the earliest time off the heap. */
  #sink(): void {
    const times = this.#times;
    const last = times.pop();
    if (last === undefined || times.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      const left = times[child];
      if (left === undefined) break;
      const right = times[child + 1];
      if (right !== undefined && right < left) child++;
      const below = Math.min(left, right ?? left);
      if (last <= below) break;
      times[index] = below;
      index = child;
    }
    times[index] = last;
  }
}
