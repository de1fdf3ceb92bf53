import type { Operation } from './history.ts';
import type { Cut } from './story.ts';

/**
 * A judgement. `vacuous`: nothing was tested. `unknown`: not decided, for the reason given. A violation has a
 * witness, and for linearizability the time at which the history broke.
 */
export type Judgement = {
  readonly verdict: 'ok' | 'violated' | 'unknown' | 'vacuous';
  readonly reason: string;
  readonly operations: number;
  readonly keys: number;
  readonly witness?: readonly Operation[];
  readonly brokenAt?: number;
  readonly isMinimal?: boolean;
  readonly story?: string;
};

export type Options = {
  /** How many steps a search may take. */
  readonly steps?: number;
  /** Milliseconds: how stale a read may be, and how long after the last write replicas have to agree. */
  readonly bound?: number;
  /** When the network was cut: for the story, and as nobody can agree across a cut. */
  readonly cuts?: readonly Cut[];
};

/** Without a bound, how far behind a read may be: our choice, about as long as somebody waits before asking again. */
export const DEFAULT_BOUND = 5000;

/** A judgement without its counts. */
export type Judged = Omit<Judgement, 'operations' | 'keys'>;

/** When a violation could first be known, milliseconds. */
export function timeOf({ brokenAt, witness = [] }: Judged): number {
  const known = (time: number, { call, ret }: Operation) => Math.max(time, ret === Infinity ? call : ret);
  return brokenAt ?? witness.reduce(known, 0);
}

export const OK: Judged = { verdict: 'ok', reason: 'nothing contradicts it' };
export const UNTESTED: Judged = { verdict: 'vacuous', reason: 'no operation could have broken it' };
