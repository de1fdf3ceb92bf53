import type { Clock } from '../clock.ts';
import type { Sequencer } from './sequencer.ts';

/** Real time that one tick makes up for at most: after a closed lid or a stall the cluster does not race. */
const CATCH_UP_MS = 500;
/** Computing that one tick may do before people's messages get their turn. */
const BUDGET_MS = 40;
/** Virtual time between two looks at the clock. */
const SLICE = 2;
/** How far ahead of the time shown the recording promises, real milliseconds, and when it is renewed. */
const HORIZON_MS = 1500;
const RENEW_MS = 500;

/** How far a step looks for the next event, and in what strides the recording follows. */
const STEP_REACH = 60_000;
const STEP_STRIDE = 1000;

/**
 * Lets virtual time pass with real time, at the class's pace. No moment passes before the recording says
 * that it may have been seen: after a crash the class must not live through it a second time, differently.
 */
export class Pacer {
  readonly #sequencer: Sequencer;
  readonly #clock: Clock;
  #last: number;
  /** Virtual time that is due, in thousandths of milliseconds. */
  #owed = 0;
  #running = false;
  #asking = false;

  constructor(sequencer: Sequencer, clock: Clock) {
    this.#sequencer = sequencer;
    this.#clock = clock;
    this.#last = clock.now();
  }

  get running(): boolean {
    return this.#running;
  }

  /** Whether anybody is there for whom time should pass. */
  run(running: boolean): void {
    this.#running = running;
    this.#last = this.#clock.now();
    this.#owed = 0;
  }

  /** Lets pass what is due. To be called often, also between the batches of a busy recording. */
  pass(): void {
    const now = this.#clock.now();
    const elapsed = Math.max(0, now - this.#last);
    this.#last = now;
    const { fold, health } = this.#sequencer;
    if (!this.#running || fold.class.held || fold.class.ended || health.kind !== 'well') {
      this.#owed = 0;
      return;
    }
    const pace = fold.class.pacePerMille;
    this.#owed = Math.min(this.#owed + elapsed * pace, CATCH_UP_MS * pace);
    const due = Math.floor(this.#owed / 1000);
    const end = Math.min(fold.now + due, fold.class.horizon);
    if (end > fold.now) this.#owed -= this.#advance(end) * 1000;
    this.#promise(pace);
  }

  /** Time does not pass while a line is being written: its entry is stamped with the moment that is now. */
  tick(): void {
    if (!this.#sequencer.busy) this.pass();
  }

  /** The next 100 virtual milliseconds, or up to the next moment at which something happens. */
  async step(by: 'event' | 'frame'): Promise<number> {
    const { fold } = this.#sequencer;
    const begin = fold.now;
    if (by === 'frame') {
      if (await this.#extend(begin + 100)) await this.#sequencer.exclusive(() => this.#jump(begin + 100));
      return fold.now;
    }
    const events = fold.world.counts.events;
    const quiet = () => fold.now < begin + STEP_REACH && fold.world.counts.events === events;
    while (quiet()) {
      if (fold.now >= fold.class.horizon && !(await this.#extend(fold.now + STEP_STRIDE))) break;
      const before = fold.now;
      await this.#sequencer.exclusive(() => {
        const end = Math.min(fold.class.horizon, begin + STEP_REACH);
        while (fold.now < end && quiet() && this.#jump(fold.now + 1));
      });
      if (fold.now === before) break;
    }
    return fold.now;
  }

  /** Advances as far as the computing time allows. Returns how far. */
  #advance(end: number): number {
    const { fold } = this.#sequencer;
    const begin = fold.now;
    const deadline = this.#clock.now() + BUDGET_MS;
    while (fold.now < end && this.#jump(Math.min(end, fold.now + SLICE))) {
      if (this.#clock.now() >= deadline) break;
    }
    return fold.now - begin;
  }

  /** False when time cannot pass, as after the classroom was stopped. */
  #jump(until: number): boolean {
    if (this.#sequencer.health.kind !== 'well' || until < this.#sequencer.fold.now) return false;
    try {
      this.#sequencer.fold.advance(until);
      return true;
    } catch (error) {
      const message = error instanceof Error ? error.message : 'unknown';
      this.#sequencer.stop(`the cluster cannot go on (${message}): the classroom is stopped`);
      return false;
    }
  }

  #promise(pace: number): void {
    const { fold } = this.#sequencer;
    if (this.#asking || fold.class.horizon - fold.now > Math.ceil((RENEW_MS * pace) / 1000)) return;
    void this.#extend(fold.now + Math.ceil((HORIZON_MS * pace) / 1000));
  }

  async #extend(until: number): Promise<boolean> {
    if (until <= this.#sequencer.fold.class.horizon) return true;
    this.#asking = true;
    try {
      const answer = await this.#sequencer.ask({ kind: 'horizon', until }, { ref: null, durable: false });
      return answer.ok;
    } catch {
      return false;
    } finally {
      this.#asking = false;
    }
  }
}
