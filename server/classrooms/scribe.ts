import type { Entry } from '../../shared/recording/command.ts';
import type { Fold } from '../../shared/recording/fold.ts';
import {
  CHECKPOINT_EVERY,
  checkpointLine,
  entryLine,
  type Checkpointer,
} from '../../shared/recording/recording.ts';
import type { Line } from '../../shared/recording/codec.ts';
import type { Clock } from '../clock.ts';
import type { Recorder } from './recorder.ts';
import { Sparingly } from './sparingly.ts';

/** Writes entries, and a checkpoint before them whenever one is due. */
export class Scribe {
  readonly #recorder: Recorder;
  readonly #checkpointer: Checkpointer;
  readonly #sparingly: Sparingly;
  /** A checkpoint that was taken and is not written yet: the next one builds on it. */
  #owed: Line[] = [];
  #lastCheckpoint: number;

  constructor(recorder: Recorder, checkpointer: Checkpointer, lastCheckpoint: number, clock: Clock) {
    this.#recorder = recorder;
    this.#checkpointer = checkpointer;
    this.#lastCheckpoint = lastCheckpoint;
    this.#sparingly = new Sparingly(clock);
  }

  /** Appends entries. Throws StoreError, and then none of them is in the recording. */
  async write(fold: Fold, entries: readonly Entry[]): Promise<void> {
    const due = fold.now - this.#lastCheckpoint >= CHECKPOINT_EVERY && this.#owed.length === 0;
    if (due && this.#sparingly.rested) {
      this.#owed.push(checkpointLine(this.#sparingly.do(() => this.#checkpointer.take(fold))));
      this.#lastCheckpoint = fold.now;
    }
    await this.#recorder.append([...this.#owed, ...entries.map(entryLine)]);
    this.#owed = [];
  }

  /** Resolves when everything written survives a loss of power. Throws StoreError. */
  durable(): Promise<void> {
    return this.#recorder.durable();
  }

  close(): Promise<void> {
    return this.#recorder.close();
  }
}
