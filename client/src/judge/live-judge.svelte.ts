import { heldBy, Observation } from '../../../shared/classroom/observation.ts';
import type { Situation } from '../../../shared/classroom/situation.ts';
import type { Fold } from '../../../shared/recording/fold.ts';
import { Judging } from './judging.svelte.ts';
import { groupsIn } from './orders.ts';

/**
 * The judge of a class that goes on. Operations are judged from the beginning of the class; how the cluster stood is
 * known only since this page has been watching.
 */
export class LiveJudge {
  /** Null until the recording has come. */
  judging: Judging | null = $state.raw(null);
  #observation = new Observation();
  #last = 0;
  #known = '';

  /** Takes note of how the cluster stands. */
  look(fold: Fold, situation: Situation): void {
    this.judging ??= new Judging(fold.header.id);
    if (fold.now < this.#last) return;
    this.#last = fold.now;
    this.#observation.look(fold.now, situation);
  }

  /** Has everything so far judged, unless nothing has happened since the last time. */
  judge(fold: Fold, again = false): void {
    const { operations } = fold.world;
    const ended = operations.filter(({ returned }) => returned !== null).length;
    const known = `${operations.length} ${ended} ${this.#observation.stretches.length} ${fold.class.ended}`;
    if (again) this.#known = '';
    if (this.judging === null || this.judging.work !== null || known === this.#known) return;
    this.#known = known;
    const held = fold.class.ended ? heldBy(fold) : null;
    const { stretches } = this.#observation;
    this.judging.judgeLive({ header: fold.header, operations, stretches, groups: groupsIn(fold), held });
  }

  stop(): void {
    this.judging?.stop();
  }
}
