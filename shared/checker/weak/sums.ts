/** How many sums are told apart at most: beyond that it takes too long. */
const MOST_SUMS = 1 << 20;

/** Which sums some amounts can have, each of them in it or not: a bit for each sum (Bellman's subset sums). */
export class Sums {
  readonly #bits: Uint32Array;
  readonly #lowest: number;
  readonly #highest: number;

  /** Nothing yet, which is the sum 0; sums below `lowest` or above `highest` will never be asked for. */
  constructor(lowest: number, highest: number, bits: Uint32Array | null = null) {
    this.#lowest = lowest;
    this.#highest = highest;
    this.#bits = bits ?? new Uint32Array(((highest - lowest) >>> 5) + 1);
    if (bits === null) this.#bits[-lowest >>> 5] = 1 << (-lowest & 31);
  }

  /** Whether there is room for all sums between two. */
  static fit(lowest: number, highest: number): boolean {
    return Number.isSafeInteger(lowest) && Number.isSafeInteger(highest) && highest - lowest < MOST_SUMS;
  }

  has(sum: number): boolean {
    if (!Number.isSafeInteger(sum) || sum < this.#lowest || sum > this.#highest) return false;
    const place = sum - this.#lowest;
    return ((this.#bits[place >>> 5] as number) & (1 << (place & 31))) !== 0;
  }

  /** Whether there is one that is not less. */
  hasFrom(least: number): boolean {
    for (let sum = this.#highest; sum >= Math.max(least, this.#lowest); sum--) if (this.has(sum)) return true;
    return false;
  }

  /** Whether there is one that is less. */
  hasBelow(limit: number): boolean {
    for (let sum = this.#lowest; sum < Math.min(limit, this.#highest + 1); sum++)
      if (this.has(sum)) return true;
    return false;
  }

  copy(): Sums {
    return new Sums(this.#lowest, this.#highest, this.#bits.slice());
  }

  /** An amount that may be in it or not. */
  allow(amount: number): void {
    this.join(this.moved(amount));
  }

  /** An amount, so many times at most. */
  allowUpTo(count: number, amount: number): void {
    // 1, 2, 4, … and the rest make up every number of times.
    for (let left = count, times = 1; left > 0; left -= times, times *= 2) {
      this.allow(Math.min(times, left) * amount);
    }
  }

  join(other: Sums): void {
    other.#bits.forEach((word, place) => (this.#bits[place] = (this.#bits[place] as number) | word));
  }

  /** The sums with an amount in each of them. */
  moved(amount: number): Sums {
    const bits = new Uint32Array(this.#bits.length);
    const words = Math.floor(amount / 32);
    const shift = amount - 32 * words;
    for (let to = 0; to < bits.length; to++) {
      const upper = this.#bits[to - words] ?? 0;
      const lower = this.#bits[to - words - 1] ?? 0;
      bits[to] = shift === 0 ? upper : (upper << shift) | (lower >>> (32 - shift));
    }
    return new Sums(this.#lowest, this.#highest, bits);
  }
}

/** Amounts of which each may be in a sum or not. */
export class Pool {
  readonly #counts = new Map<number, number>();
  #lowest = 0;
  #highest = 0;
  #sums: Sums | null = null;

  get lowest(): number {
    return this.#lowest;
  }

  get highest(): number {
    return this.#highest;
  }

  add(amount: number, count = 1): void {
    if (amount === 0) return;
    const left = (this.#counts.get(amount) ?? 0) + count;
    if (left === 0) this.#counts.delete(amount);
    else this.#counts.set(amount, left);
    if (amount < 0) this.#lowest += count * amount;
    else this.#highest += count * amount;
    this.#sums = null;
  }

  take(amount: number): void {
    this.add(amount, -1);
  }

  /** Whether some of them make up a sum; null when there are too many to tell. */
  reaches(sum: number): boolean | null {
    if (!(sum >= this.#lowest && sum <= this.#highest)) return false;
    const [first, ...others] = this.#counts;
    if (first === undefined) return sum === 0;
    if (others.length === 0) return sum % first[0] === 0;
    if (!Sums.fit(this.#lowest, this.#highest)) return null;
    this.#sums ??= this.#add();
    return this.#sums.has(sum);
  }

  #add(): Sums {
    const sums = new Sums(this.#lowest, this.#highest);
    for (const [amount, count] of this.#counts) sums.allowUpTo(count, amount);
    return sums;
  }
}
