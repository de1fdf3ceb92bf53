import { patch } from '../base/delta.ts';
import { Fold, type FoldState } from './fold.ts';
import { endOf, type Recording } from './recording.ts';

/** A recording that says one thing and folds to another, from this virtual time on. */
export type Disagreement = { readonly at: number; readonly seq: number; readonly message: string };

/**
 * A recording that can be looked at anywhere. Going forward folds; going back, or far ahead, starts from
 * the nearest checkpoint. The recording may still grow: a live view is a replay whose end is not written.
 */
export class Replay {
  readonly recording: Recording;
  #fold: Fold;
  /** The states at the checkpoints, as far as they were needed; each shares what did not change. */
  readonly #states: FoldState[] = [];
  /** Checkpoints passed so far by going forward. */
  #passed = 0;
  #disagreement: Disagreement | null = null;

  /** `start`: a later state to begin from instead of the recording's beginning, as a late watcher is given. */
  constructor(recording: Recording, start: FoldState | null = null) {
    this.recording = recording;
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

  /** Brings the fold to a virtual time. Entries at that very time have taken effect. */
  seek(at: number): Fold {
    const checkpoint = this.#lastCheckpointBefore(at);
    const ahead = this.recording.checkpoints[checkpoint];
    if (at < this.#fold.now || (ahead !== undefined && ahead.at > this.#fold.now)) {
      this.#fold = new Fold(this.recording.header, checkpoint < 0 ? null : this.#stateAt(checkpoint));
      this.#passed = checkpoint + 1;
    }
    this.#forward(at);
    return this.#fold;
  }

  /** Plays everything from where the fold stands, comparing every checkpoint on the way. */
  play(at: number): Fold {
    this.#forward(at);
    return this.#fold;
  }

  #forward(at: number): void {
    for (;;) {
      const entry = this.recording.entries[this.#fold.seq - this.#firstSeq()];
      const checkpoint = this.recording.checkpoints[this.#passed];
      if (checkpoint !== undefined && checkpoint.at <= at && checkpoint.seq <= this.#fold.seq) {
        this.#passed++;
        // Beyond its last entry a fold can stand later than an old checkpoint; then there is nothing to compare.
        if (checkpoint.seq < this.#fold.seq || checkpoint.at < this.#fold.now) continue;
        this.#fold.advance(checkpoint.at);
        const digest = this.#fold.digest();
        if (digest !== checkpoint.digest) {
          const message = `the fold's digest is ${digest}, the recording says ${checkpoint.digest}`;
          this.#disagreement ??= { at: checkpoint.at, seq: checkpoint.seq, message };
        }
      } else if (entry !== undefined && entry.at <= at) this.#fold.apply(entry);
      else break;
    }
    if (at > this.#fold.now) this.#fold.advance(at);
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

  #stateAt(index: number): FoldState {
    for (let i = this.#states.length; i <= index; i++) {
      const before = this.#states[i - 1] ?? new Fold(this.recording.header).save();
      const checkpoint = this.recording.checkpoints[i];
      if (checkpoint === undefined) throw new RangeError(`there is no checkpoint ${i}`);
      this.#states.push(patch(before, checkpoint.delta) as FoldState);
    }
    const state = this.#states[index];
    if (state === undefined) throw new RangeError(`there is no checkpoint ${index}`);
    return state;
  }
}
