import { amend, difference } from '../base/delta.ts';
import type { Checkpoint, Line } from './codec.ts';
import type { Entry } from './command.ts';
import { Fold, type FoldState } from './fold.ts';
import type { Header } from './header.ts';

/** A whole run: how it was set up, what people did, and checkpoints to find one's way quickly. */
export type Recording = {
  readonly header: Header;
  readonly entries: Entry[];
  readonly checkpoints: Checkpoint[];
};

/** How far checkpoints lie apart, virtual milliseconds: a seek folds at most this much. */
export const CHECKPOINT_EVERY = 10_000;

/** The end of a recording: the last virtual time that anybody may have seen. */
export function endOf(recording: Recording): number {
  let end = Math.max(recording.entries.at(-1)?.at ?? 0, recording.checkpoints.at(-1)?.at ?? 0);
  for (let i = recording.entries.length - 1; i >= 0; i--) {
    const command = recording.entries[i]?.command;
    if (command?.kind === 'end') break;
    if (command?.kind === 'horizon') {
      end = Math.max(end, command.until);
      break;
    }
  }
  return end;
}

/** A header as the first line of a recording. */
export function headerLine(header: Header): Line {
  return { line: 'header', ...header };
}

export function entryLine(entry: Entry): Line {
  return { line: 'entry', ...entry };
}

export function checkpointLine(checkpoint: Checkpoint): Line {
  return { line: 'checkpoint', ...checkpoint };
}

/**
 * Makes the checkpoints of one fold, each as its difference from the one before. The first is the
 * difference from the world at its start, which the header alone determines.
 */
export class Checkpointer {
  #last: FoldState | null;

  /** `last`: the state at the recording's last checkpoint, from now on its own; null for a recording without any. */
  constructor(last: FoldState | null) {
    this.#last = last;
  }

  take(fold: Fold): Checkpoint {
    // A copy, since its nodes may hold parts in common that the difference changes at one of them.
    const last = this.#last ?? new Fold(fold.header).save();
    const delta = difference(last, fold.state);
    this.#last = amend(last, delta) as FoldState;
    return { seq: fold.seq, at: fold.now, digest: fold.digest(), delta };
  }
}
