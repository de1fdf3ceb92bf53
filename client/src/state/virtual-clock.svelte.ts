/** How often what is shown moves on between frames, real milliseconds. */
const TICK_MS = 200;
/** The server speaks at least once a second while time passes: after longer silence nobody knows. */
const CARRY_MS = 2000;

/**
 * Virtual time as it is shown: what the server has said, carried on at the classroom's pace until it says
 * more. For looks only ("silent 12 s"); nothing is ever decided by it.
 */
export class VirtualClock {
  #now = $state(0);
  #base = 0;
  #setAt = performance.now();
  #perMille = 0;
  readonly #timer = setInterval(() => this.#tick(), TICK_MS);

  get now(): number {
    return this.#now;
  }

  /** `perMille`: virtual milliseconds for 1000 real ones; 0 while nothing moves. */
  set(now: number, perMille: number): void {
    // A little ahead of the server is no reason to jump back; far ahead is.
    if (now > this.#now || this.#now - now > 1000) this.#now = now;
    this.#base = now;
    this.#setAt = performance.now();
    this.#perMille = perMille;
  }

  /** Goes on at another pace from what is shown. */
  pace(perMille: number): void {
    if (perMille !== this.#perMille) this.set(this.#now, perMille);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    if (this.#perMille === 0) return;
    const since = Math.min(performance.now() - this.#setAt, CARRY_MS);
    const carried = this.#base + (since * this.#perMille) / 1000;
    if (carried > this.#now) this.#now = carried;
  }
}
