/** What a heap orders: virtual time first, then the order in which things were scheduled. */
export type Scheduled = { readonly at: number; readonly seq: number };

/** A binary heap by (at, seq): the next event of a world is on top. */
export class Heap<T extends Scheduled> {
  readonly #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  /** The contents in no particular order; for looking only. */
  get items(): readonly T[] {
    return this.#items;
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    const items = this.#items;
    let index = items.length;
    items.push(item);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = items[parent] as T;
      if (isBefore(above, item)) break;
      items[index] = above;
      index = parent;
    }
    items[index] = item;
  }

  pop(): T | undefined {
    const items = this.#items;
    const top = items[0];
    const last = items.pop();
    if (top === undefined || last === undefined || items.length === 0) return top;
    const length = items.length;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= length) break;
      if (child + 1 < length && isBefore(items[child + 1] as T, items[child] as T)) child++;
      const below = items[child] as T;
      if (isBefore(last, below)) break;
      items[index] = below;
      index = child;
    }
    items[index] = last;
    return top;
  }
}

/** The order of a world's events. */
export function isBefore(a: Scheduled, b: Scheduled): boolean {
  return a.at < b.at || (a.at === b.at && a.seq < b.seq);
}
