/** How many 32-bit words of configurations are kept at most (256 MB): beyond that a search gives up. */
const MOST_WORDS = 1 << 26;

/**
 * The configurations that a search has been in, each a row of 32-bit words, in one flat array with a hash table over
 * it. Rows are compared in full, so that no two are ever taken for one.
 */
export class Configurations {
  #words = new Int32Array(1 << 12);
  #used = 0;
  /** Open addressing: 1 + where a row begins, which is its length; 0 is free. */
  #table = new Int32Array(1 << 8);
  #count = 0;

  /** Whether there is no room for more. */
  get isFull(): boolean {
    return this.#used >= MOST_WORDS;
  }

  /** Puts a row in and says whether it was new. */
  add(row: Int32Array, length: number): boolean {
    const mask = this.#table.length - 1;
    let slot = hash(row, length) & mask;
    for (;;) {
      const start = (this.#table[slot] as number) - 1;
      if (start < 0) break;
      if (this.#equals(start, row, length)) return false;
      slot = (slot + 1) & mask;
    }
    this.#table[slot] = this.#append(row, length) + 1;
    this.#count++;
    if (2 * this.#count > this.#table.length) this.#grow();
    return true;
  }

  #equals(start: number, row: Int32Array, length: number): boolean {
    const words = this.#words;
    if (words[start] !== length) return false;
    for (let i = 0; i < length; i++) if (words[start + 1 + i] !== row[i]) return false;
    return true;
  }

  #append(row: Int32Array, length: number): number {
    const start = this.#used;
    if (start + length + 1 > this.#words.length) {
      const larger = new Int32Array(Math.max(2 * this.#words.length, start + length + 1));
      larger.set(this.#words);
      this.#words = larger;
    }
    this.#words[start] = length;
    for (let i = 0; i < length; i++) this.#words[start + 1 + i] = row[i] as number;
    this.#used = start + length + 1;
    return start;
  }

  #grow(): void {
    const table = new Int32Array(2 * this.#table.length);
    const mask = table.length - 1;
    for (let start = 0; start < this.#used;) {
      const length = this.#words[start] as number;
      let slot = hash(this.#words.subarray(start + 1, start + 1 + length), length) & mask;
      while (table[slot] !== 0) slot = (slot + 1) & mask;
      table[slot] = start + 1;
      start += length + 1;
    }
    this.#table = table;
  }
}

function hash(row: Int32Array, length: number): number {
  let h = 0x9e3779b9 | 0;
  for (let i = 0; i < length; i++) {
    h = Math.imul(h ^ (row[i] as number), 0x85ebca6b | 0);
    h ^= h >>> 15;
  }
  h = Math.imul(h, 0xc2b2ae35 | 0);
  return h ^ (h >>> 16);
}
