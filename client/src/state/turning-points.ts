import { assess, type SideReport, type Situation } from '../../../shared/classroom/situation.ts';
import type { Fold } from '../../../shared/recording/fold.ts';
import { turningWords as words } from '../messages/moments.ts';
import type { Moment } from './moments.ts';

/** How often a cluster of this many nodes is looked at: a look costs as much as its data. Virtual milliseconds. */
const LOOK_EVERY_MS = 250;
const NODES = 20;
/** Replicas that differ for less than this are only waiting for a message. */
const DIVERGED_MS = 1000;

/**
 * Finds the turns of a run that are no single event: when a side loses its quorum, when both sides accept
 * writes, when replicas go apart for good, and when they agree again. Show it the fold as it goes on.
 */
export class TurningPoints {
  #next = 0;
  #without = new Set<string>();
  #isSplit = false;
  #differSince: number | null = null;
  #isDiverged = false;

  /** What has turned since the last look. */
  look(fold: Fold): Moment[] {
    const { now } = fold;
    if (now < this.#next) return [];
    this.#next = now + LOOK_EVERY_MS * Math.ceil(fold.header.nodes.length / NODES);
    const situation = assess(fold);
    return [...this.#quorums(now, situation), ...this.#split(now, situation), ...this.#data(now, situation)];
  }

  #quorums(at: number, { sides }: Situation): Moment[] {
    const without = sides.filter((side) => side.state === 'no-quorum');
    const lost = without.filter((side) => !this.#without.has(keyOf(side)));
    this.#without = new Set(without.map(keyOf));
    return lost.map((side) => {
      const who = side.groups.length > 0 ? side.groups.join(', ') : side.nodes.join(' ');
      return { at, sign: 'no-quorum', node: null, text: words.noQuorum(who, side.text) };
    });
  }

  #split(at: number, { headline, text }: Situation): Moment[] {
    const wasSplit = this.#isSplit;
    this.#isSplit = headline === 'split-brain';
    return this.#isSplit && !wasSplit
      ? [{ at, sign: 'divergence', node: null, text: words.split(text) }]
      : [];
  }

  #data(at: number, { diverged, conflicts }: Situation): Moment[] {
    if (diverged === 0 && conflicts === 0) {
      const wasDiverged = this.#isDiverged;
      this.#isDiverged = false;
      this.#differSince = null;
      return wasDiverged ? [{ at, sign: 'converged', node: null, text: words.converged }] : [];
    }
    this.#differSince ??= at;
    if (this.#isDiverged || at - this.#differSince < DIVERGED_MS) return [];
    this.#isDiverged = true;
    return [{ at: this.#differSince, sign: 'divergence', node: null, text: words.diverged(diverged) }];
  }
}

function keyOf({ nodes }: SideReport): string {
  return nodes.join(' ');
}
