import type { Recording } from '../../../shared/recording/recording.ts';
import { Replay, ReplayError } from '../../../shared/recording/replay.ts';
import type { OperationRecord } from '../../../shared/sim/operation.ts';
import { Bars } from './bars.ts';
import { CHUNK_MS, type Chunk } from './chunk.ts';
import { Collector } from './collector.ts';
import type { Source } from './source.ts';

/** Beyond so many events, the chunks furthest from where people look are forgotten. */
export const EVENTS_MAX = 400_000;
/** Virtual milliseconds folded between two looks at the time left. */
const SLICE = 20;

/**
 * The timeline of a recording, folded as far as somebody wants to see it: `want` a window, then let it `work`
 * in the idle part of each frame. Going back starts from the nearest checkpoint. It keeps a bounded number of
 * events, those around the window; a window with more than that is not filled, and says so (`isOverfull`).
 */
export class Chronicle implements Source {
  readonly begin = 0;
  readonly end: number;
  readonly isGrowing = false;
  readonly bars: Bars;
  readonly #replay: Replay;
  readonly #chunks = new Map<number, Chunk>();
  #collector: Collector | null = null;
  #first = 0;
  #last = 0;
  #events = 0;
  #failure: string | null = null;
  #isOverfull = false;

  /** `operations`: all of the run. Throws HeaderError when the recording names what this page does not know. */
  constructor(recording: Recording, operations: readonly OperationRecord[] = []) {
    this.#replay = new Replay(recording);
    this.end = this.#replay.end;
    this.bars = new Bars(operations, recording.header.nodes);
  }

  get failure(): string | null {
    return this.#failure;
  }

  get isOverfull(): boolean {
    return this.#isOverfull;
  }

  want(from: number, until: number): void {
    const first = Math.max(0, Math.floor(from / CHUNK_MS));
    const last = Math.max(first, Math.ceil(Math.min(until, this.end) / CHUNK_MS) - 1);
    if (first !== this.#first || last !== this.#last) this.#isOverfull = false;
    this.#first = first;
    this.#last = last;
  }

  chunks(from: number, until: number): Chunk[] {
    const found: Chunk[] = [];
    for (let index = Math.max(0, Math.floor(from / CHUNK_MS)); index * CHUNK_MS <= until; index++) {
      const chunk = this.#chunks.get(index);
      if (chunk !== undefined) found.push(chunk);
    }
    return found;
  }

  get isWhole(): boolean {
    return this.#missing() === null;
  }

  work(isTired: () => boolean): boolean {
    let isNew = false;
    while (this.#failure === null && !this.#isOverfull && !isTired()) {
      const missing = this.#missing();
      if (missing === null) break;
      try {
        isNew = this.#fold(missing, isTired) || isNew;
      } catch (error) {
        if (!(error instanceof ReplayError)) throw error;
        this.#failure = error.message;
      }
    }
    return isNew;
  }

  #missing(): number | null {
    for (let index = this.#first; index <= this.#last; index++) if (!this.#chunks.has(index)) return index;
    return null;
  }

  /** Goes on towards a chunk, keeping every chunk passed on the way. True when one became whole. */
  #fold(missing: number, isTired: () => boolean): boolean {
    const collector = this.#collectorFor(missing);
    const index = Math.floor(this.#replay.fold.now / CHUNK_MS);
    const until = Math.min(this.end, (index + 1) * CHUNK_MS);
    do this.#replay.play(Math.min(until, this.#replay.fold.now + SLICE));
    while (this.#replay.fold.now < until && !isTired());
    if (this.#replay.fold.now < until) return false;
    this.#keep(index, collector.take());
    return true;
  }

  /** A collector that stands at or before a chunk, and at no checkpoint too early. */
  #collectorFor(index: number): Collector {
    const target = index * CHUNK_MS;
    const { now } = this.#replay.fold;
    const start = this.#startBefore(target);
    if (this.#collector !== null && now < target + CHUNK_MS && now >= start) return this.#collector;
    // What happens in the very first instant is seen only by who watches from before it.
    if (this.#collector !== null || start > 0) this.#leave(start);
    return (this.#collector = new Collector(this.#replay.fold.world).attach());
  }

  #leave(start: number): void {
    this.#replay.fold.world.observe = null;
    this.#replay.fold.world.onInput = null;
    this.#replay.seek(start);
  }

  /** The last beginning of a chunk that can be reached from a checkpoint without folding much. */
  #startBefore(target: number): number {
    let start = 0;
    for (const { at } of this.#replay.recording.checkpoints) {
      const aligned = Math.ceil(at / CHUNK_MS) * CHUNK_MS;
      if (aligned > target) break;
      start = aligned;
    }
    return start;
  }

  #keep(index: number, chunk: Chunk): void {
    this.#events += chunk.events - (this.#chunks.get(index)?.events ?? 0);
    this.#chunks.set(index, chunk);
    const middle = (this.#first + this.#last) / 2;
    while (this.#events > EVENTS_MAX && this.#chunks.size > 1) {
      const furthest = [...this.#chunks.keys()].reduce((far, one) =>
        Math.abs(one - middle) > Math.abs(far - middle) ? one : far,
      );
      if (furthest >= this.#first && furthest <= this.#last) this.#isOverfull = true;
      this.#events -= this.#chunks.get(furthest)?.events ?? 0;
      this.#chunks.delete(furthest);
    }
  }
}
