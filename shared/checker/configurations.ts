/** How many 32-bit words of configurations are kept at most (256 MB): beyond that a search gives up. */
const MOST_WORDS = 1 << 26;

/** How many configurations that differ only in what they have used up are compared with a new one. */
const MOST_RIVALS = 256;

/** Before each row: where the one before with the same state is, and how long the row is. */
const HEAD = 2;
const NONE = -1;

/**
 * The configurations that a search has been in, each a row of 32-bit words, in one flat array with a hash table over
 * it. Rows are compared in full, so that no two are ever taken for one. The last words of a row may be a set of what
 * was used up on the way: who has used less can do all that others can, so that a row is new only when none with the
 * same words before it has used a part of its set.
 */
export class Configurations {
  /** How many words at the end of each row are a set. */
  readonly #used: number;
  #words = new Int32Array(1 << 10);
  #end = 0;
  /** Open addressing by the words before the set: 1 + where the latest such row is; 0 is free. */
  #table = new Int32Array(1 << 7);
  #count = 0;

  constructor(used = 0) {
    this.#used = used;
  }

  /** Whether there is no room for more. */
  get isFull(): boolean {
    return this.#end >= MOST_WORDS;
  }

  /** Puts a row in and says whether it was new. */
  add(row: Int32Array, length: number): boolean {
    const table = this.#table;
    const mask = table.length - 1;
    let slot = hash(row, 0, length - this.#used) & mask;
    for (; table[slot] !== 0; slot = (slot + 1) & mask) {
      const latest = (table[slot] as number) - 1;
      if (!this.#isAlike(latest, row, length)) continue;
      if (this.#isMatched(latest, row, length)) return false;
      table[slot] = this.#append(row, length, latest) + 1;
      return true;
    }
    table[slot] = this.#append(row, length, NONE) + 1;
    this.#count++;
    if (2 * this.#count > table.length) this.#grow();
    return true;
  }

  /** Whether the words before the set are the same. */
  #isAlike(start: number, row: Int32Array, length: number): boolean {
    const words = this.#words;
    if (words[start + 1] !== length) return false;
    const end = length - this.#used;
    for (let i = 0; i < end; i++) if (words[start + HEAD + i] !== row[i]) return false;
    return true;
  }

  /** Whether this row or one before it has used nothing that the new one has not. */
  #isMatched(latest: number, row: Int32Array, length: number): boolean {
    const words = this.#words;
    const first = length - this.#used;
    let looks = 0;
    for (let start = latest; start !== NONE && looks < MOST_RIVALS; start = words[start] as number, looks++) {
      let i = first;
      while (i < length && ((words[start + HEAD + i] as number) & ~(row[i] as number)) === 0) i++;
      if (i === length) return true;
    }
    return false;
  }

  #append(row: Int32Array, length: number, before: number): number {
    const start = this.#end;
    const end = start + HEAD + length;
    if (end > this.#words.length) {
      const larger = new Int32Array(Math.max(2 * this.#words.length, end));
      larger.set(this.#words);
      this.#words = larger;
    }
    const words = this.#words;
    words[start] = before;
    words[start + 1] = length;
    for (let i = 0; i < length; i++) words[start + HEAD + i] = row[i] as number;
    this.#end = end;
    return start;
  }

  #grow(): void {
    const old = this.#table;
    const table = new Int32Array(2 * old.length);
    const mask = table.length - 1;
    for (const entry of old) {
      if (entry === 0) continue;
      const length = (this.#words[entry] as number) - this.#used;
      let slot = hash(this.#words, entry - 1 + HEAD, length) & mask;
      while (table[slot] !== 0) slot = (slot + 1) & mask;
      table[slot] = entry;
    }
    this.#table = table;
  }
}

function hash(words: Int32Array, start: number, length: number): number {
  let h = 0x9e3779b9 | 0;
  for (let i = start; i < start + length; i++) {
    h = Math.imul(h ^ (words[i] as number), 0x85ebca6b | 0);
    h ^= h >>> 15;
  }
  h = Math.imul(h, 0xc2b2ae35 | 0);
  return h ^ (h >>> 16);
}
