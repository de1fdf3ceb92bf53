import { assert } from '../base/assert.ts';
import { patch } from '../base/delta.ts';
import { Fold, type FoldState } from './fold.ts';
import type { Checkpoint } from './codec.ts';
import type { Protocol } from '../sim/protocol.ts';
import type { Entry } from './command.ts';
import { endOf, type Recording } from './recording.ts';

/** What one seek folds at most: an hour of 30 nodes without any checkpoint, some ten seconds of work. */
const SEEK_EVENTS_MAX = 5_000_000;
/** Virtual milliseconds folded between two looks at that. */
const SLICE = 1000;
/** Every so many checkpoints' states are kept; those between are worked out again when they are needed. */
const KEEP_EVERY = 6;

/** A recording that says one thing and folds to another, from this virtual time on. */
export type Disagreement = { readonly at: number; readonly seq: number; readonly message: string };

/** A recording that cannot be folded on from here: an entry is refused, or the kernel stopped. */
export class ReplayError extends Error {
  override readonly name = 'ReplayError';
  readonly at: number;
  /** The entry that could not be applied, or the last one that was. */
  readonly seq: number;

  constructor(at: number, seq: number, message: string, cause?: unknown) {
    super(message, { cause });
    this.at = at;
    this.seq = seq;
  }
}

/**
 * A recording that can be looked at anywhere. Going forward folds; going back, or far ahead, starts from
 * the nearest checkpoint. The recording may still grow: a live view is a replay whose end is not written.
 *
 * A recording may come from anybody. What its checkpoints keep is a short cut and never an authority: when a
 * kept state cannot be used, everything is folded from the start. Throws ReplayError where the entries
 * themselves do not fit.
 */
export class Replay {
  readonly recording: Recording;
  readonly #start: FoldState | null;
  #fold: Fold;
  /** The state at every so many checkpoints, from the start on, as far as they were needed. */
  readonly #kept: FoldState[] = [];
  /** The last checkpoint whose state was worked out in order, and that state. */
  #reached: { readonly index: number; readonly state: FoldState } | null = null;
  #statesAreUsable = true;
  /** Checkpoints passed so far by going forward. */
  #passed = 0;
  #disagreement: Disagreement | null = null;

  /** `start`: a later state to begin from instead of the recording's beginning, as a late watcher is given. */
  constructor(recording: Recording, start: FoldState | null = null) {
    this.recording = recording;
    this.#start = start;
    this.#fold = new Fold(recording.header, start);
  }

  /** The state at the place last sought. */
  get fold(): Fold {
    return this.#fold;
  }

  get end(): number {
    return endOf(this.recording);
  }

  /** The first checkpoint that the fold contradicted; null as long as they agree. */
  get disagreement(): Disagreement | null {
    return this.#disagreement;
  }

  /**
   * Brings the fold to a virtual time, or to its start when that is later. Entries at that time have taken effect.
   * Throws ReplayError when more than `eventsMax` events would have to be folded for it.
   */
  seek(at: number, eventsMax = SEEK_EVENTS_MAX): Fold {
    const index = this.#statesAreUsable ? this.#lastCheckpointBefore(at) : -1;
    const checkpoint = this.recording.checkpoints[index];
    if (at < this.#fold.now || (checkpoint !== undefined && checkpoint.at > this.#fold.now)) {
      if (checkpoint !== undefined && this.#jump(index, at, eventsMax)) return this.#fold;
      this.#fold = new Fold(this.recording.header, this.#start);
      this.#passed = 0;
    }
    return this.#play(at, eventsMax);
  }

  /** A fold of its own at a virtual time; the place last sought stays as it is. Throws ReplayError as `seek` does. */
  foldAt(at: number): Fold {
    const [fold, passed] = [this.#fold, this.#passed];
    this.#fold = new Fold(this.recording.header, this.#start);
    this.#passed = 0;
    try {
      return this.seek(at);
    } finally {
      this.#fold = fold;
      this.#passed = passed;
    }
  }

  /**
   * Works out what one more checkpoint kept, before anybody seeks there. For idle moments after opening: the
   * first seek far ahead would do it all at once. False when there is nothing left to prepare.
   */
  prepare(): boolean {
    const next = (this.#reached?.index ?? -1) + 1;
    if (!this.#statesAreUsable || next >= this.recording.checkpoints.length) return false;
    try {
      this.#reach(next);
      return true;
    } catch {
      // A jump will meet the same, and says so.
      return false;
    }
  }

  /** Plays everything from where the fold stands, comparing every checkpoint on the way. */
  play(at: number): Fold {
    return this.#play(at, Infinity);
  }

  #play(at: number, eventsMax: number): Fold {
    try {
      this.#forward(at, eventsMax);
    } catch (error) {
      if (error instanceof ReplayError) throw error;
      const message = error instanceof Error ? error.message : 'unknown';
      throw new ReplayError(this.#fold.now, this.#fold.seq, `the run cannot go on: ${message}`, error);
    }
    return this.#fold;
  }

  /** Goes on from what a checkpoint kept. False when that cannot be used. */
  #jump(index: number, at: number, eventsMax: number): boolean {
    try {
      const state = this.#stateAt(index);
      freezeShared(this.#fold.world.setup.protocol, state);
      this.#fold = new Fold(this.recording.header, state);
      this.#passed = index + 1;
      this.#forward(at, eventsMax);
      return true;
    } catch {
      // The entries may be at fault as well: folding from the start will tell.
      const { at: when = 0, seq = 0 } = this.recording.checkpoints[index] ?? {};
      this.#disagreement ??= { at: when, seq, message: 'the state that the checkpoint keeps cannot be used' };
      this.#statesAreUsable = false;
      return false;
    }
  }

  #forward(at: number, eventsMax: number): void {
    const limit = this.#fold.world.counts.events + eventsMax;
    for (;;) {
      const entry = this.recording.entries[this.#fold.seq - this.#firstSeq()];
      const checkpoint = this.recording.checkpoints[this.#passed];
      if (checkpoint !== undefined && checkpoint.at <= at && checkpoint.seq <= this.#fold.seq) {
        this.#passed++;
        // Beyond its last entry a fold can stand later than an old checkpoint; then there is nothing to compare.
        if (checkpoint.seq < this.#fold.seq || checkpoint.at < this.#fold.now) continue;
        this.#advance(checkpoint.at, limit);
        this.#compare(checkpoint);
      } else if (entry !== undefined && entry.at <= at) {
        this.#advance(entry.at, limit);
        this.#apply(entry);
      } else break;
    }
    this.#advance(at, limit);
  }

  /** Lets time pass, until the run has had `limit` events: what comes from anybody must not take for ever. */
  #advance(until: number, limit: number): void {
    while (this.#fold.now < until) {
      this.#fold.advance(Math.min(until, this.#fold.now + SLICE));
      if (this.#fold.world.counts.events <= limit) continue;
      const message = 'too many events lie between here and the last checkpoint';
      throw new ReplayError(this.#fold.now, this.#fold.seq, message);
    }
  }

  #compare(checkpoint: Checkpoint): void {
    const digest = this.#fold.digest();
    if (digest === checkpoint.digest) return;
    const message = `the fold's digest is ${digest}, the recording says ${checkpoint.digest}`;
    this.#disagreement ??= { at: checkpoint.at, seq: checkpoint.seq, message };
  }

  #apply(entry: Entry): void {
    const refusal = this.#fold.refuse(entry.command);
    if (refusal !== null) throw new ReplayError(entry.at, entry.seq, `the command is refused: ${refusal}`);
    this.#fold.apply(entry);
  }

  /** The sequence number before the first entry that the recording holds. */
  #firstSeq(): number {
    return (this.recording.entries[0]?.seq ?? this.#fold.seq + 1) - 1;
  }

  /** The index of the last checkpoint at or before a time; -1 when there is none. */
  #lastCheckpointBefore(at: number): number {
    const checkpoints = this.recording.checkpoints;
    let low = 0;
    let high = checkpoints.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((checkpoints[middle]?.at ?? 0) <= at) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** The state at a checkpoint, worked out from the nearest one before it that is kept. */
  #stateAt(index: number): FoldState {
    const reached = this.#reach(index);
    if (reached.index === index) return reached.state;
    const place = Math.floor(index / KEEP_EVERY);
    let state = this.#kept[place];
    assert(state !== undefined, `checkpoint ${place * KEEP_EVERY} was passed and not kept`);
    for (let i = place * KEEP_EVERY + 1; i <= index; i++) state = this.#patched(state, i);
    return state;
  }

  /** Works out states in order up to a checkpoint at least. */
  #reach(index: number): { readonly index: number; readonly state: FoldState } {
    let reached = this.#reached ?? this.#keep(0, this.#patched(new Fold(this.recording.header).save(), 0));
    while (reached.index < index) {
      const next = reached.index + 1;
      reached = this.#keep(next, this.#patched(reached.state, next));
    }
    return reached;
  }

  #keep(index: number, state: FoldState): { readonly index: number; readonly state: FoldState } {
    if (index % KEEP_EVERY === 0) this.#kept.push(state);
    return (this.#reached = { index, state });
  }

  #patched(before: FoldState, index: number): FoldState {
    const checkpoint = this.recording.checkpoints[index];
    if (checkpoint === undefined) throw new RangeError(`there is no checkpoint ${index}`);
    return patch(before, checkpoint.delta) as FoldState;
  }
}

/** Freezes what nothing changes any more, so that folds which begin here share it instead of copying it. */
function freezeShared(protocol: Protocol, { world }: FoldState): void {
  for (const record of world.ledger.operations) if (record.returned !== null) Object.freeze(record);
  for (const { node } of world.nodes) protocol.freeze?.(node.replica);
}
