import type { Operation } from './history.ts';

/**
 * The calls and returns that are not yet accounted for, by time, as a doubly linked list in flat memory. Taking
 * operations out and putting them back in the opposite order costs a few assignments (Knuth's dancing links).
 * At equal times calls come first: intervals are closed, and what only touches is concurrent.
 */
export class Agenda {
  /** Entry i < count is the call of operation i; entry count + i its return; the last one the head of the ring. */
  readonly next: Int32Array;
  readonly head: number;
  readonly #previous: Int32Array;
  readonly #count: number;
  readonly #certain: Uint8Array;

  /** The operations have to be sorted by call. */
  constructor(operations: readonly Operation[]) {
    const count = operations.length;
    this.#count = count;
    this.head = 2 * count;
    this.next = new Int32Array(2 * count + 1);
    this.#previous = new Int32Array(2 * count + 1);
    this.#certain = Uint8Array.from(operations, ({ ret }) => (ret === Infinity ? 0 : 1));
    this.#link(operations);
  }

  /** Whether an entry is a return: whatever comes after it has to wait for that operation. */
  isReturn(entry: number): boolean {
    return entry >= this.#count;
  }

  take(operation: number): void {
    this.#unlink(operation);
    if (this.#certain[operation] === 1) this.#unlink(this.#count + operation);
  }

  /** Undoes the last `take` that is not undone. */
  giveBack(operation: number): void {
    if (this.#certain[operation] === 1) this.#relink(this.#count + operation);
    this.#relink(operation);
  }

  #link(operations: readonly Operation[]): void {
    const count = operations.length;
    const calls = Float64Array.from(operations, ({ call }) => call);
    const returns = Float64Array.from(operations, ({ ret }) => ret);
    const byReturn = Uint32Array.from(operations.keys())
      .filter((operation) => this.#certain[operation] === 1)
      .sort((a, b) => (returns[a] as number) - (returns[b] as number));
    let last = this.head;
    const append = (entry: number) => {
      this.next[last] = entry;
      this.#previous[entry] = last;
      last = entry;
    };
    let called = 0;
    for (const operation of byReturn) {
      while (called < count && (calls[called] as number) <= (returns[operation] as number)) append(called++);
      append(count + operation);
    }
    while (called < count) append(called++);
    append(this.head);
  }

  #unlink(entry: number): void {
    const before = this.#previous[entry] as number;
    const after = this.next[entry] as number;
    this.next[before] = after;
    this.#previous[after] = before;
  }

  #relink(entry: number): void {
    this.next[this.#previous[entry] as number] = entry;
    this.#previous[this.next[entry] as number] = entry;
  }
}
