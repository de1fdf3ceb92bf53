import type { Clock } from '../clock.ts';

/** After work that took a while the same is not done again for so many times that long. */
const REST = 50;

/**
 * Work that looks at the whole world: for thirty nodes it is nothing, for a thousand that each know a thousand
 * it is seconds in which nobody is served. However large the class, it takes at most a fiftieth of the time.
 */
export class Sparingly {
  readonly #clock: Clock;
  #restUntil: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#restUntil = clock.now();
  }

  /** Whether it may be done now. */
  get rested(): boolean {
    return this.#clock.now() >= this.#restUntil;
  }

  do<T>(work: () => T): T {
    const began = this.#clock.now();
    const made = work();
    const now = this.#clock.now();
    this.#restUntil = now + REST * (now - began);
    return made;
  }
}
