import type { TimelineEvent } from '../sim/timeline.ts';
import type { World } from '../sim/world.ts';
import type { Command, Entry } from './command.ts';
import type { Fold } from './fold.ts';
import { asAsked } from './hand-over.ts';

/** An entry that the changed run refused, and why. */
export type Skipped = { readonly seq: number; readonly at: number; readonly reason: string };

/** A fold of entries of which some may be refused, with the faults that each of them made. */
export class Run {
  readonly fold: Fold;
  readonly applied: Entry[];
  readonly skipped: Skipped[] = [];
  /** The entry that made each fault, by the fault's number in this run. */
  readonly made: Map<number, number>;
  readonly #entries: readonly Entry[];
  /** The run in which `undo` commands name their faults; null: this one. */
  readonly #original: Run | null;
  #next = 0;
  #events: TimelineEvent[] = [];

  /** `entries`: what is still to be played, in order. What `original` has done up to here, this run has done. */
  constructor(fold: Fold, entries: readonly Entry[], original: Run | null = null) {
    this.fold = fold;
    this.applied = [...(original?.applied ?? [])];
    this.made = new Map(original?.made);
    this.#entries = entries;
    this.#original = original;
    fold.world.observe = (event) => this.#events.push(event);
  }

  /** Plays everything up to a time, and all entries of that time too unless it is only to come `near` it. */
  play(until: number, isNear = false): void {
    for (let entry = this.#entries[this.#next]; entry !== undefined; entry = this.#entries[++this.#next]) {
      if (entry.at > until || (isNear && entry.at === until)) break;
      this.fold.advance(entry.at);
      this.take(entry);
    }
    this.fold.advance(until);
  }

  /** Carries an entry out, or notes why it cannot be. */
  take(entry: Entry): void {
    const command = asAsked(this.fold, this.#translate(entry.command));
    const reason = this.fold.refuse(command);
    if (reason !== null) {
      this.skipped.push({ seq: entry.seq, at: entry.at, reason });
      return;
    }
    const before = lastFault(this.fold.world);
    const taken = { ...entry, seq: this.fold.seq + 1, command };
    this.fold.apply(taken);
    this.applied.push(taken);
    const after = lastFault(this.fold.world);
    if (after > before) this.made.set(after, entry.seq);
  }

  takeEvents(): TimelineEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  stopWatching(): void {
    this.fold.world.observe = null;
    this.#events = [];
  }

  /** Where another fault was left out, the numbers of those after it are others. */
  #translate(command: Command): Command {
    if (command.kind !== 'undo' || this.#original === null) return command;
    const maker = this.#original.made.get(command.fault);
    const found = [...this.made].find(([, seq]) => seq === maker);
    return { ...command, fault: found?.[0] ?? Number.MAX_SAFE_INTEGER };
  }
}

function lastFault(world: World): number {
  return world.faults.reduce((last, { id }) => Math.max(last, id), 0);
}
