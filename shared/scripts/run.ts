import type { Entry } from '../recording/command.ts';
import { Fold } from '../recording/fold.ts';
import {
  CHECKPOINT_EVERY,
  Checkpointer,
  checkpointLine,
  entryLine,
  headerLine,
} from '../recording/recording.ts';
import type { Line } from '../recording/codec.ts';
import { compileScript } from './compile.ts';
import { ScriptError, type Script } from './script.ts';

/**
 * Runs a script to its end. `record` is given the run as the lines of a recording, with checkpoints at their
 * usual distance and at the end; `begin` the fold before anything happens, to watch it. Throws ScriptError, also for a step that cannot be done when its time comes.
 */
export function runScript(
  script: Script,
  record: ((line: Line) => void) | null = null,
  begin: ((fold: Fold) => void) | null = null,
): Fold {
  const { header, entries, places } = compileScript(script);
  const fold = new Fold(header);
  begin?.(fold);
  const recorder = record === null ? null : new Recorder(fold, record);
  recorder?.begin();
  entries.forEach((entry, index) => {
    recorder?.checkpointsUntil(entry.at);
    fold.advance(entry.at);
    const refusal = fold.refuse(entry.command);
    if (refusal !== null) throw new ScriptError(`${places[index]}.${refusal}, at ${entry.at}`);
    recorder?.write(entry);
    fold.apply(entry);
  });
  recorder?.checkpointsUntil(script.until);
  fold.advance(script.until);
  recorder?.end();
  return fold;
}

/** Writes a run down as it goes. */
class Recorder {
  readonly #fold: Fold;
  readonly #record: (line: Line) => void;
  readonly #checkpointer: Checkpointer;
  #due = CHECKPOINT_EVERY;

  constructor(fold: Fold, record: (line: Line) => void) {
    this.#fold = fold;
    this.#record = record;
    this.#checkpointer = new Checkpointer(null);
  }

  begin(): void {
    this.#record(headerLine(this.#fold.header));
  }

  write(entry: Entry): void {
    this.#record(entryLine(entry));
  }

  /** Takes the checkpoints that are due before a time. */
  checkpointsUntil(at: number): void {
    for (; this.#due < at; this.#due += CHECKPOINT_EVERY) {
      this.#fold.advance(this.#due);
      this.end();
    }
  }

  end(): void {
    this.#record(checkpointLine(this.#checkpointer.take(this.#fold)));
  }
}
