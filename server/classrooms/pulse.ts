import type { Clock } from '../clock.ts';

/** What a pulse drives. */
export interface Beating {
  /** Whether anybody is connected. */
  isAttended(): boolean;
  /** Whether virtual time passes at all. */
  run(on: boolean): void;
  /** `count`: ticks before this one. */
  tick(count: number): void;
}

/** Virtual time and half of the seats move at each tick: ten frames a second for everybody. */
const TICK_MS = 50;

/** Keeps a classroom going while somebody is there, and lets it stand some time after the last one has left. */
export class Pulse {
  readonly #clock: Clock;
  readonly #idleAfterMs: number;
  readonly #beating: Beating;
  #count = 0;
  #cancel: (() => void) | null = null;
  #lastSeen: number;

  constructor(clock: Clock, idleAfterMs: number, beating: Beating) {
    this.#clock = clock;
    this.#idleAfterMs = idleAfterMs;
    this.#beating = beating;
    this.#lastSeen = clock.now();
  }

  /** How long nobody has been here, real milliseconds. */
  get idleMs(): number {
    return this.#beating.isAttended() ? 0 : this.#clock.now() - this.#lastSeen;
  }

  /** Somebody is here, or was until now. */
  seen(): void {
    this.#lastSeen = this.#clock.now();
  }

  /** Somebody comes: time goes on. */
  wake(): void {
    this.seen();
    if (this.#cancel !== null) return;
    this.#beating.run(true);
    this.#cancel = this.#clock.every(TICK_MS, () => this.#tick());
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #tick(): void {
    if (this.idleMs < this.#idleAfterMs) {
      this.#beating.tick(this.#count++);
      return;
    }
    this.stop();
    this.#beating.run(false);
  }
}
