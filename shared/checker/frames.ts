/**
 * The states that a search is in, one inside the other, in flat memory: how it got into each, and what it still has to
 * try from there. What can be asked is asked of the innermost.
 */
export class Frames {
  readonly #states: Int32Array;
  readonly #taken: Int32Array;
  /** By frame, which of the candidates is tried next. Those of a frame begin where the frame before ends. */
  readonly #tried: Int32Array;
  readonly #ends: Int32Array;
  #candidates = new Int32Array(1 << 8);
  #depth = 0;

  /** At most so many are inside each other. */
  constructor(most: number) {
    this.#states = new Int32Array(most + 1);
    this.#taken = new Int32Array(most + 1);
    this.#tried = new Int32Array(most + 1);
    this.#ends = new Int32Array(most + 1);
  }

  get isEmpty(): boolean {
    return this.#depth === 0;
  }

  get state(): number {
    return this.#states[this.#depth] as number;
  }

  /** How many operations were taken before it was entered. */
  get taken(): number {
    return this.#taken[this.#depth] as number;
  }

  enter(state: number, taken: number): void {
    const end = this.#ends[this.#depth] as number;
    this.#depth++;
    this.#states[this.#depth] = state;
    this.#taken[this.#depth] = taken;
    this.#tried[this.#depth] = end;
    this.#ends[this.#depth] = end;
  }

  leave(): void {
    this.#depth--;
  }

  /** Adds something to try, the lowest numbers first. Everything is added before anything is tried. */
  offer(candidate: number): void {
    if (this.#ends[this.#depth] === this.#candidates.length) this.#grow();
    const candidates = this.#candidates;
    const begin = this.#tried[this.#depth] as number;
    let place = this.#ends[this.#depth] as number;
    this.#ends[this.#depth] = place + 1;
    for (; place > begin && (candidates[place - 1] as number) > candidate; place--) {
      candidates[place] = candidates[place - 1] as number;
    }
    candidates[place] = candidate;
  }

  /** The next candidate; -1 when all were tried. */
  next(): number {
    const tried = this.#tried[this.#depth] as number;
    if (tried === this.#ends[this.#depth]) return -1;
    this.#tried[this.#depth] = tried + 1;
    return this.#candidates[tried] as number;
  }

  #grow(): void {
    const larger = new Int32Array(2 * this.#candidates.length);
    larger.set(this.#candidates);
    this.#candidates = larger;
  }
}
