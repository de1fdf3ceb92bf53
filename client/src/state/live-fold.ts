import type { Entry } from '../../../shared/recording/command.ts';
import { Fold } from '../../../shared/recording/fold.ts';
import type { ServerPayload } from '../../../shared/wire/events.ts';
import { unpackFold } from '../../../shared/wire/whole.ts';
import { lagOf, type Following } from './follow.ts';

/** A digest that the fold should have once it stands at `now` with everything up to entry `seq` applied. */
type Check = { readonly now: number; readonly seq: number; readonly digest: string };

/** Virtual milliseconds folded between two looks at the time left. */
const SLICE = 20;
/** A command is shown as soon as it is known if that jumps over no more than this. Real milliseconds. */
const JUMP_MAX_MS = 1000;

/** A fold of a recording that is still being written: entries and permission to go on come bit by bit. */
export class LiveFold {
  readonly fold: Fold;
  /** All entries since the state that the fold began with. */
  readonly entries: Entry[] = [];
  /** The fold contradicted the server. */
  disagrees = false;
  #ceiling: number;
  /** How many of `entries` are applied. */
  #applied = 0;
  #checks: Check[] = [];

  /** Throws HeaderError when the recording names what this page does not know, and RangeError for a state that does not fit it. */
  constructor({ header, state, entries, now }: ServerPayload<'recording'>) {
    this.fold = state === null ? new Fold(header) : unpackFold(header, state);
    this.#ceiling = now;
    this.add(entries);
  }

  /** Virtual time up to which the fold may go. */
  get ceiling(): number {
    return this.#ceiling;
  }

  /** Takes entries in order; those it has already are left out. False when one is missing. */
  add(entries: readonly Entry[]): boolean {
    for (const entry of entries) {
      const next = (this.entries.at(-1)?.seq ?? this.fold.seq) + 1;
      if (entry.seq < next) continue;
      if (entry.seq > next) return false;
      this.entries.push(entry);
      // The server stamps a command with its own time, so it has come that far.
      this.#ceiling = Math.max(this.#ceiling, entry.at);
    }
    return true;
  }

  allow(now: number, digest: string | null): void {
    this.#ceiling = Math.max(this.#ceiling, now);
    const seq = this.entries.at(-1)?.seq ?? this.fold.seq;
    if (digest !== null && now >= this.fold.now) this.#checks.push({ now, seq, digest });
  }

  /** The time of the latest command that should show at once; 0 when there is none. */
  commandDue(following: Following): number {
    if (lagOf(following) > JUMP_MAX_MS) return 0;
    for (let i = this.entries.length - 1; i >= this.#applied; i--) {
      const entry = this.entries[i];
      if (entry !== undefined && entry.command.kind !== 'horizon') return entry.at;
    }
    return 0;
  }

  /** Folds up to a time, as far as it gets before `isTired`. False when it did not get there. */
  advance(target: number, isTired: () => boolean): boolean {
    while (this.fold.now < target || this.#isDue(target)) {
      const check = this.#checks[0];
      const stop = Math.min(target, this.fold.now + SLICE, check?.now ?? Infinity);
      this.#foldTo(Math.max(stop, this.fold.now), check);
      if (check !== undefined && this.fold.now >= check.now) this.#compare(check);
      if (isTired()) return this.fold.now >= target;
    }
    return true;
  }

  #isDue(target: number): boolean {
    const entry = this.entries[this.#applied];
    const check = this.#checks[0];
    const isBeforeCheck = check === undefined || (entry?.seq ?? 0) <= check.seq;
    if (entry !== undefined && entry.at <= target && isBeforeCheck) return true;
    return check !== undefined && check.now <= target;
  }

  #foldTo(stop: number, check: Check | undefined): void {
    for (;;) {
      const entry = this.entries[this.#applied];
      if (entry === undefined || entry.at > stop) break;
      // What came after the digest at its very time is not part of it.
      if (check !== undefined && entry.seq > check.seq) break;
      this.fold.apply(entry);
      this.#applied++;
    }
    if (stop > this.fold.now) this.fold.advance(stop);
  }

  #compare(check: Check): void {
    this.#checks.shift();
    const isComparable = this.fold.now === check.now && this.fold.seq === check.seq;
    if (isComparable && this.fold.digest() !== check.digest) this.disagrees = true;
  }
}
