import type { Bars } from './bars.ts';
import type { Chunk } from './chunk.ts';

/** Where a diagram has its run from: a recording that is folded where somebody looks, or a class that goes on. */
export interface Source {
  /** What can be shown of the run: from when, and until when. Virtual milliseconds. */
  readonly begin: number;
  readonly end: number;
  /** Whether the run goes on. */
  readonly isGrowing: boolean;
  readonly bars: Bars;
  /** Whether all of the wanted window is known. */
  readonly isWhole: boolean;
  /** Whether more happens in the wanted window than can be kept. */
  readonly isOverfull: boolean;
  /** Why the run cannot be known further; null as long as it can. */
  readonly failure: string | null;
  /** Says what part of the run is looked at, virtual milliseconds. */
  want(from: number, until: number): void;
  /** The chunks there are that touch a window, in order. */
  chunks(from: number, until: number): Chunk[];
  /** Works out what is missing, until tired. True when there is more to see than before. */
  work(isTired: () => boolean): boolean;
}
