import type { Recording } from '../../../shared/recording/recording.ts';
import { Replay, type Disagreement } from '../../../shared/recording/replay.ts';
import { momentOfMark, type Moment } from './moments.ts';
import { TurningPoints } from './turning-points.ts';

const SLICE = 50;
/** A run of a bad hour has thousands of conflicts; a scrubber shows them long before. */
const FOUND_MAX = 2000;

/**
 * Folds a whole recording in the background, in small pieces: compares every digest on the way and collects
 * what only a fold can tell, such as conflicts.
 */
export class Survey {
  readonly #replay: Replay;
  readonly #end: number;
  readonly #turns = new TurningPoints();
  #found: Moment[] = [];
  #count = 0;

  constructor(recording: Recording) {
    this.#replay = new Replay(recording);
    this.#end = this.#replay.end;
    this.#replay.fold.world.observe = (event) => {
      if (event.kind !== 'mark' || this.#count >= FOUND_MAX) return;
      const moment = momentOfMark(event.at, event.node, event.mark);
      if (moment === null) return;
      this.#count++;
      this.#found.push(moment);
    };
  }

  /** 0 to 1. */
  get progress(): number {
    return this.#end === 0 ? 1 : this.#replay.fold.now / this.#end;
  }

  get disagreement(): Disagreement | null {
    return this.#replay.disagreement;
  }

  /** Goes on until tired or done, and returns what was found meanwhile. */
  work(isTired: () => boolean): Moment[] {
    do {
      this.#replay.play(Math.min(this.#end, this.#replay.fold.now + SLICE));
      this.#found.push(...this.#turns.look(this.#replay.fold));
    } while (this.#replay.fold.now < this.#end && !isTired());
    const found = this.#found;
    this.#found = [];
    return found;
  }
}
