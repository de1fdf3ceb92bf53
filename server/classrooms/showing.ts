import type { Delta } from '../../shared/base/delta.ts';
import { readRecording } from '../../shared/recording/read.ts';
import { Replay, ReplayError } from '../../shared/recording/replay.ts';
import type { Fold } from '../../shared/recording/fold.ts';
import type { NodeId } from '../../shared/sim/operation.ts';
import { packFold } from '../../shared/wire/whole.ts';
import { sleep, type Clock } from '../clock.ts';
import { refusal, type Answer } from './answer.ts';
import type { Connection } from './audience.ts';
import { noteHeard, seatMirrorOf, type HeardTable } from './feeds.ts';
import type { Seats } from './seats.ts';
import type { Watchers } from './watchers.ts';

/** To say when a node last heard of its peers, that much of the past is folded before the moment. Virtual milliseconds. */
const RUN_UP_MS = 5000;
/** Virtual milliseconds folded before others have their turn. */
const SLICE = 100;

/** The class at a moment of its past. */
type Past = {
  readonly at: number;
  readonly fold: Fold;
  readonly heard: HeardTable;
  readonly packed: Delta;
};

/**
 * A moment of the past that the instructor has everybody look at while the class is held, or when it is over: students
 * through their own node's eyes, consoles and projectors the whole cluster. It is in no recording.
 */
export class Showing {
  readonly #fold: Fold;
  readonly #seats: Seats;
  readonly #watchers: Watchers;
  readonly #clock: Clock;
  readonly #read: () => Promise<string | undefined>;
  #past: Past | null = null;
  /** Counts what was asked for: of two moments the later one is shown, whichever is worked out first. */
  #asked = 0;

  /** `read`: the text of the recording as far as it is written; undefined where it cannot be read. */
  constructor(
    fold: Fold,
    seats: Seats,
    watchers: Watchers,
    clock: Clock,
    read: () => Promise<string | undefined>,
  ) {
    this.#fold = fold;
    this.#seats = seats;
    this.#watchers = watchers;
    this.#clock = clock;
    this.#read = read;
  }

  /** Shows a moment, virtual milliseconds; null: everybody is back in the present. */
  async show(at: number | null): Promise<Answer<object>> {
    const asked = ++this.#asked;
    if (at === null) {
      this.end();
      return { ok: true };
    }
    if (!this.#isStill) return refusal('refused', 'hold everybody first');
    if (at > this.#fold.now) return refusal('refused', 'at: this has not happened yet');
    const past = await this.#workOut(at);
    if (past === null) return refusal('refused', 'the recording cannot be played back so far');
    // Meanwhile everybody may have been let go, or sent elsewhere.
    if (asked !== this.#asked || !this.#isStill) return refusal('refused', 'something else came meanwhile');
    this.#past = past;
    this.#seats.tell((node, connection) => this.greet(node, connection));
    this.#watchers.tellAll((connection) => this.greetWatcher(connection));
    return { ok: true };
  }

  /** Everybody is back in the present. */
  end(): void {
    this.#asked++;
    if (this.#past === null) return;
    this.#past = null;
    this.#seats.tell((_, connection) => connection.send('moment', { at: null, mirror: null }));
    this.#watchers.tellAll((connection) => connection.send('scene', { at: null, state: null }));
  }

  /** Whoever comes, or comes back, is where everybody is. */
  greet(node: NodeId, connection: Connection): void {
    if (this.#past === null) return;
    const { at, fold, heard } = this.#past;
    connection.send('moment', { at, mirror: seatMirrorOf(fold, heard, node) });
  }

  greetWatcher(connection: Connection): void {
    if (this.#past === null) return;
    const { at, packed } = this.#past;
    connection.send('scene', { at, state: packed });
  }

  get #isStill(): boolean {
    const { held, ended } = this.#fold.class;
    return held || ended;
  }

  /** Folds the recording up to a moment, bit by bit. */
  async #workOut(at: number): Promise<Past | null> {
    const { recording } = readRecording((await this.#read()) ?? '');
    if (recording === null) return null;
    const replay = new Replay(recording);
    const heard: HeardTable = new Map();
    try {
      const start = Math.max(0, at - RUN_UP_MS);
      const before = recording.checkpoints.filter((checkpoint) => checkpoint.at <= start).length;
      for (let kept = 0; kept < before && replay.prepare(); kept++) await sleep(this.#clock, 0);
      replay.seek(recording.checkpoints[before - 1]?.at ?? 0);
      const { world } = replay.fold;
      world.onInput = (node, input) => noteHeard(heard, node, input);
      while (replay.fold.now < at) {
        replay.play(Math.min(at, replay.fold.now + SLICE));
        await sleep(this.#clock, 0);
      }
      return { at, fold: replay.fold, heard, packed: packFold(replay.fold) };
    } catch (error) {
      if (error instanceof ReplayError) return null;
      throw error;
    }
  }
}
