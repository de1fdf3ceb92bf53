import { flatten } from '../../shared/wire/frame.ts';
import type { SeatInput } from '../../shared/sim/timeline.ts';
import type { Connection } from './audience.ts';

/** Inputs that were sent together: a browser has all of them or none. */
type Sent = {
  readonly before: number;
  readonly count: number;
  readonly flat: readonly unknown[];
  readonly at: number;
};

/** What is kept for a browser that comes back: inputs, and for how long, real milliseconds. */
const KEPT_INPUTS = 1000;
const KEPT_MS = 10_000;
/** So often a browser hears that time passes, even when nothing happens to its node. */
const SILENCE_MS = 1000;
const REPORT_EVERY_MS = 5000;

/** What a feed needs to know of the world: its own node, and nothing else. */
export interface FeedSource {
  readonly run: string;
  readonly now: number;
  nodeDigest(): string;
  /** Sends the whole seat. */
  sendSeat(connection: Connection): void;
}

/** The stream of one node's inputs to the browser that runs it: frames while it keeps up, else the whole seat. */
export class Feed {
  readonly #source: FeedSource;
  #connection: Connection | null = null;
  /** Inputs the node had taken before those in `#pending`. */
  #before: number;
  #pending: unknown[] = [];
  #count = 0;
  #sent: Sent[] = [];
  #kept = 0;
  #sentAt = 0;
  #shownTo = -1;
  #reportAt: number;
  #asked: { readonly inputs: number; readonly digest: string } | null = null;
  /** The browser has missed something and needs the whole seat. */
  #behind = false;

  constructor(source: FeedSource, inputs: number, firstReportAt: number) {
    this.#source = source;
    this.#before = inputs;
    this.#reportAt = firstReportAt;
  }

  take(input: SeatInput): void {
    flatten(input, this.#pending);
    this.#count++;
  }

  /** A browser has come. It is given what it lacks: the inputs after those it has, or the whole seat. */
  attach(
    connection: Connection,
    resume: { run: string; inputs: number } | null,
    realNow: number,
  ): 'tail' | 'snapshot' {
    this.#connection = connection;
    this.#asked = null;
    const tail = resume === null || resume.run !== this.#source.run ? null : this.#tail(resume.inputs);
    if (tail === null || resume === null) {
      this.sendWhole(realNow);
      return 'snapshot';
    }
    this.#remember(realNow);
    this.#emit(resume.inputs, tail, realNow);
    return 'tail';
  }

  detach(): void {
    this.#connection = null;
    this.#asked = null;
  }

  /** Replaces whatever the browser has. */
  sendWhole(realNow: number): void {
    if (this.#connection === null) return;
    this.#remember(realNow);
    this.#behind = false;
    this.#asked = null;
    this.#source.sendSeat(this.#connection);
    this.#sentAt = realNow;
    this.#shownTo = this.#source.now;
  }

  /** Sends what has happened since the last frame. */
  flush(realNow: number): void {
    if (this.#connection === null) {
      if (this.#count > 0) this.#remember(realNow);
      return;
    }
    if (this.#connection.congested) {
      this.#behind = true;
      this.#remember(realNow);
      return;
    }
    if (this.#behind) return this.sendWhole(realNow);
    const timePassed = this.#source.now > this.#shownTo && realNow - this.#sentAt >= SILENCE_MS;
    if (this.#count === 0 && !timePassed) return;
    const [before, flat] = [this.#before, this.#pending];
    this.#remember(realNow);
    this.#emit(before, flat, realNow);
  }

  /** What the browser reports. Undefined when it was not asked for this. */
  compare(inputs: number, digest: string): boolean | undefined {
    const asked = this.#asked;
    if (asked === null || asked.inputs !== inputs) return undefined;
    this.#asked = null;
    return asked.digest === digest;
  }

  #emit(before: number, inputs: readonly unknown[], realNow: number): void {
    const report = realNow >= this.#reportAt;
    if (report) {
      this.#reportAt = realNow + REPORT_EVERY_MS;
      this.#asked = { inputs: this.#before, digest: this.#source.nodeDigest() };
    }
    const { run, now } = this.#source;
    this.#connection?.send('frame', { run, now, before, inputs, report });
    this.#sentAt = realNow;
    this.#shownTo = now;
  }

  /** Moves what is pending to what is kept. */
  #remember(realNow: number): void {
    if (this.#count > 0) {
      this.#sent.push({ before: this.#before, count: this.#count, flat: this.#pending, at: realNow });
      this.#kept += this.#count;
      this.#before += this.#count;
      this.#pending = [];
      this.#count = 0;
    }
    let dropped = 0;
    for (const { at, count } of this.#sent) {
      if (this.#kept <= KEPT_INPUTS && at >= realNow - KEPT_MS) break;
      this.#kept -= count;
      dropped++;
    }
    if (dropped > 0) this.#sent.splice(0, dropped);
  }

  /** The inputs after the first `inputs`; null where they are not kept, or were never taken. */
  #tail(inputs: number): unknown[] | null {
    if (inputs === this.#before + this.#count) return [];
    const first = this.#sent.findIndex((sent) => sent.before === inputs);
    const known = first >= 0 ? this.#sent.slice(first) : inputs === this.#before ? [] : null;
    return known === null ? null : [...known.flatMap(({ flat }) => flat), ...this.#pending];
  }
}
