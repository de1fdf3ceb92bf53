import { isCertain, type Operation } from './history.ts';

/**
 * Which operations were taken, as bits. Those that returned are taken nearly in the order of their calls, so that a
 * configuration says only where the first gap is and what lies beyond it; those of unknown outcome are kept apart.
 */
export class DoneSet {
  readonly row: Int32Array;
  readonly #certain: Int32Array;
  readonly #unknown: Int32Array;
  /** By operation its place among those that returned, or -1 - its place among the unknown ones. */
  readonly #place: Int32Array;
  readonly #counts: Int32Array;
  /** Words before the first are full, words after the last are empty. */
  #first = 0;
  #last = 0;

  constructor(operations: readonly Operation[]) {
    let certain = 0;
    let unknown = 0;
    this.#place = Int32Array.from(operations, (operation) =>
      isCertain(operation) ? certain++ : -1 - unknown++,
    );
    this.#certain = new Int32Array((certain >> 5) + 1);
    this.#unknown = new Int32Array((unknown + 31) >> 5);
    this.#counts = new Int32Array(this.#certain.length);
    this.row = new Int32Array(this.#certain.length + this.#unknown.length + 4);
  }

  /** How many words at the end of a row say which operations of unknown outcome were taken. */
  get unknownWords(): number {
    return this.#unknown.length;
  }

  add(operation: number): void {
    const word = this.#flip(operation);
    if (word > this.#last) this.#last = word;
  }

  remove(operation: number): void {
    const word = this.#flip(operation);
    if (word !== -1 && word < this.#first) this.#first = word;
  }

  /** Writes the configuration into `row` and returns its length. */
  describe(state: number): number {
    const { row } = this;
    const certain = this.#certain;
    const counts = this.#counts;
    while (counts[this.#first] === 32) this.#first++;
    while (this.#last > 0 && counts[this.#last] === 0) this.#last--;
    let length = 0;
    row[length++] = state;
    row[length++] = this.#first;
    row[length++] = this.#last;
    for (let word = this.#first; word <= this.#last; word++) row[length++] = certain[word] as number;
    for (const word of this.#unknown) row[length++] = word;
    return length;
  }

  /** Returns the word among those that returned, or -1. */
  #flip(operation: number): number {
    const place = this.#place[operation] as number;
    if (place < 0) {
      const index = -1 - place;
      this.#unknown[index >> 5] = (this.#unknown[index >> 5] as number) ^ (1 << (index & 31));
      return -1;
    }
    const word = place >> 5;
    const bit = 1 << (place & 31);
    const before = this.#certain[word] as number;
    this.#certain[word] = before ^ bit;
    this.#counts[word] = (this.#counts[word] as number) + ((before & bit) === 0 ? 1 : -1);
    return word;
  }
}
