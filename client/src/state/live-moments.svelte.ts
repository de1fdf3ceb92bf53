import type { Entry } from '../../../shared/recording/command.ts';
import type { Fold } from '../../../shared/recording/fold.ts';
import { inOrder, momentOfLeader, momentOfRefusal, momentsOf, type Moment } from './moments.ts';
import { TurningPoints } from './turning-points.ts';

/** More than anybody looks through while a class goes on. */
const KEPT = 300;

/** The moments of a class that goes on: what people did, who led, and what turned while this page watched. */
export class LiveMoments {
  /** In order. */
  list: readonly Moment[] = $state.raw([]);
  #turns = new TurningPoints();
  #found: Moment[] = [];
  #fold: Fold | null = null;
  #known = '';

  /** Looks at the class as it stands. */
  look(fold: Fold, entries: readonly Entry[]): void {
    if (fold !== this.#fold) {
      // A recording that came anew may lack what was watched before: only what was seen stays.
      this.#fold = fold;
      this.#turns = new TurningPoints();
    }
    this.#found.push(...this.#turns.look(fold));
    const { leaders, operations } = fold.world;
    const refusal = momentOfRefusal(operations);
    const known = `${this.#found.length} ${entries.length} ${leaders.length} ${refusal.length}`;
    if (known === this.#known) return;
    this.#known = known;
    const all = [...momentsOf(entries), ...leaders.map(momentOfLeader), ...refusal, ...this.#found];
    this.list = inOrder(all.filter(({ sign }) => sign !== null)).slice(-KEPT);
  }
}
