import { assess, type Situation } from '../../../shared/classroom/situation.ts';
import type { Fold } from '../../../shared/recording/fold.ts';
import type { Recording } from '../../../shared/recording/recording.ts';
import { Replay, ReplayError, type Disagreement } from '../../../shared/recording/replay.ts';
import type { NodeId, OperationRecord } from '../../../shared/sim/operation.ts';
import type { TimelineEvent } from '../../../shared/sim/timeline.ts';
import { Hearing, startOfRunUp } from '../cluster/hearing.ts';
import { knowledgeOf, type Knowledge } from '../cluster/knowledge.ts';
import { pictureOf, type Picture } from '../cluster/picture.ts';
import { Traffic } from '../cluster/traffic.ts';
import { everyFrame, NEWS_EVERY_MS, WORK_MS } from './frames.ts';
import {
  absencesOf,
  inOrder,
  momentOfLeader,
  momentOfRefusal,
  momentsOf,
  type Absence,
  type Moment,
} from './moments.ts';
import { Survey } from './survey.ts';

/** The speeds offered, virtual milliseconds per real one. */
export const SPEEDS: readonly number[] = [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10];
/** A frame, as the instructor's Step knows it. Virtual milliseconds. */
export const FRAME_MS = 100;
/** The longest a step to the next event looks ahead. */
const EVENT_WITHIN_MS = 60_000;
const SLICE = 20;

/** A recording being watched: where it stands, what is seen there, and by whom. */
export class ReplayRun {
  readonly recording: Recording;
  readonly end: number;
  readonly absences: readonly Absence[];
  readonly traffic = new Traffic();
  /** The moment shown, virtual milliseconds. */
  at = $state(0);
  playing = $state(false);
  picture: Picture | null = $state.raw(null);
  situation: Situation | null = $state.raw(null);
  operations: readonly OperationRecord[] = $state.raw([]);
  moments: readonly Moment[] = $state.raw([]);
  /** Every operation of the run with what became of it, in the order of invocation; null until that is worked out. */
  history: readonly OperationRecord[] | null = $state.raw(null);
  /** What the chosen node knows; null while the truth is shown alone. */
  knowledge: Knowledge | null = $state.raw(null);
  disagreement: Disagreement | null = $state.raw(null);
  /** How much of the run has been checked against its digests, 0 to 1. */
  surveyed = $state(0);

  #pace = $state(1);
  #seenBy: NodeId | null = $state(null);
  readonly #replay: Replay;
  readonly #survey: Survey;
  readonly #hearing = new Hearing();
  #exact = 0;
  #wanted: number | null = null;
  #lastTick: number | null = null;
  #lastNews = -Infinity;
  #operationsKnown = '';

  /** Throws HeaderError when the recording names what this page does not know. */
  constructor(recording: Recording) {
    this.recording = recording;
    this.#replay = new Replay(recording);
    this.end = this.#replay.end;
    this.absences = absencesOf(recording.entries, this.end);
    this.moments = inOrder(momentsOf(recording.entries));
    this.#survey = new Survey(recording);
    this.seek(0);
  }

  get fold(): Fold {
    return this.#replay.fold;
  }

  get pace(): number {
    return this.#pace;
  }

  set pace(pace: number) {
    this.#pace = pace;
    this.traffic.advance(this.#exact, pace);
  }

  get seenBy(): NodeId | null {
    return this.#seenBy;
  }

  set seenBy(node: NodeId | null) {
    this.#seenBy = node;
    this.seek(this.at);
  }

  /** Plays, and checks the run in the background. Returns the function that ends it. */
  start(): () => void {
    return everyFrame((realNow) => this.tick(realNow, () => performance.now()));
  }

  toggle(): void {
    if (!this.playing && this.at >= this.end) this.seek(0);
    this.playing = !this.playing;
  }

  /** Goes to a moment in the next frame: a pointer on the scrubber asks for more moments than can be shown. */
  seekSoon(at: number): void {
    this.#wanted = at;
    this.at = this.#clamp(at);
  }

  seek(at: number): void {
    this.#wanted = null;
    const target = this.#clamp(at);
    const start = this.#seenBy === null ? target : startOfRunUp(this.recording.checkpoints, target);
    this.fold.world.observe = null;
    const cameThere = this.#attempt(() => {
      this.#replay.seek(start);
      this.#hearing.beginAt(start);
      this.fold.world.observe = this.#observe;
      this.#replay.play(target);
    });
    this.fold.world.observe = this.#observe;
    this.traffic.reset(this.fold.world, this.#pace);
    this.#exact = cameThere ? target : this.fold.now;
    this.#publish();
  }

  /** Goes by that much, and stops playing: whoever steps wants to look. */
  stepBy(virtualMs: number): void {
    this.playing = false;
    if (virtualMs < 0) this.seek(this.at + virtualMs);
    else this.#playTo(this.#clamp(this.at + virtualMs));
    this.#publish();
  }

  /** Goes to the next instant at which anything happens. */
  stepEvent(): void {
    this.playing = false;
    const { events } = this.fold.world.counts;
    const { seq } = this.fold;
    const limit = this.#clamp(this.fold.now + EVENT_WITHIN_MS);
    while (this.fold.now < limit && this.fold.world.counts.events === events && this.fold.seq === seq) {
      if (!this.#playTo(this.fold.now + 1)) break;
    }
    this.#publish();
  }

  /** One frame. Called by `start`; tests call it with times of their own. */
  tick(realNow: number, clock: () => number): void {
    const elapsed = Math.min(250, realNow - (this.#lastTick ?? realNow));
    this.#lastTick = realNow;
    const deadline = clock() + WORK_MS;
    if (this.#wanted !== null) this.seek(this.#wanted);
    if (this.playing) this.#playOn(elapsed, () => clock() > deadline);
    this.#prepare(() => clock() > deadline);
    if (this.surveyed < 1 && clock() < deadline) this.#lookFurther(() => clock() > deadline);
    if (this.playing && realNow - this.#lastNews >= NEWS_EVERY_MS) {
      this.#lastNews = realNow;
      this.#publish();
    }
  }

  #playOn(elapsed: number, isTired: () => boolean): void {
    const target = Math.min(this.end, this.#exact + elapsed * this.#pace);
    let goesOn = true;
    while (goesOn && this.fold.now < Math.floor(target) && !isTired()) {
      goesOn = this.#attempt(() => this.#replay.play(Math.min(Math.floor(target), this.fold.now + SLICE)));
    }
    this.#exact = this.fold.now < Math.floor(target) ? this.fold.now : target;
    this.traffic.advance(this.#exact, this.#pace);
    if (goesOn && this.#exact < this.end) return;
    this.playing = false;
    this.#publish();
  }

  /** Works towards every place being a short way off; then tells what only the end of the run knows. */
  #prepare(isTired: () => boolean): void {
    if (this.history !== null) return;
    while (this.#replay.prepare()) if (isTired()) return;
    this.history = [];
    this.#attempt(() => {
      // The ledger at the end has every leader of the run, and the last checkpoint has the ledger.
      const { leaders, operations } = this.#replay.foldAt(this.end).world;
      this.history = operations.map((operation) => ({ ...operation }));
      const learnt = [...leaders.map(momentOfLeader), ...momentOfRefusal(this.history)];
      this.moments = inOrder([...this.moments, ...learnt]);
    });
  }

  /** False when the recording does not go so far. */
  #playTo(target: number): boolean {
    const cameThere = this.#attempt(() => this.#replay.play(target));
    this.#exact = cameThere ? target : this.fold.now;
    this.traffic.advance(this.#exact, this.#pace);
    return cameThere;
  }

  /** Folds on. A recording may come from anybody: where it cannot be folded further that is shown. */
  #attempt(fold: () => void): boolean {
    try {
      fold();
      return true;
    } catch (error) {
      if (!(error instanceof ReplayError)) throw error;
      const { at, seq, message } = error;
      this.disagreement ??= { at, seq, message };
      return false;
    }
  }

  #lookFurther(isTired: () => boolean): void {
    let found: readonly Moment[] = [];
    const goesOn = this.#attempt(() => (found = this.#survey.work(isTired)));
    this.surveyed = goesOn ? this.#survey.progress : 1;
    if (found.length > 0) this.moments = inOrder([...this.moments, ...found]);
    this.disagreement ??= this.#survey.disagreement;
  }

  readonly #observe = (event: TimelineEvent): void => {
    this.traffic.observe(event);
    this.#hearing.observe(event);
  };

  #publish(): void {
    const { fold } = this;
    this.at = this.#exact;
    this.picture = pictureOf(fold, this.picture);
    this.situation = assess(fold);
    this.disagreement ??= this.#replay.disagreement;
    const { operations } = fold.world;
    const known = `${operations.length} ${operations.filter(({ returned }) => returned !== null).length}`;
    if (known !== this.#operationsKnown) {
      this.#operationsKnown = known;
      this.operations = operations.map((operation) => ({ ...operation }));
    }
    this.knowledge =
      this.#seenBy === null ? null : knowledgeOf(fold, this.picture, this.#seenBy, this.#hearing);
  }

  #clamp(at: number): number {
    return Math.max(0, Math.min(this.end, Math.floor(at)));
  }
}
