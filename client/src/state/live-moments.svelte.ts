import type { Entry } from '../../../shared/recording/command.ts';
import type { Fold } from '../../../shared/recording/fold.ts';
import { inOrder, momentOfLeader, momentOfRefusal, momentsOf, type Moment } from './moments.ts';
import { TurningPoints } from './turning-points.ts';

/** More than anybody looks through while a class goes on. */
const KEPT = 300;

/**
 * The moments of a class that goes on: what people did, who led, and what turned while this page watched. They stay when
 * the recording comes anew with a later beginning.
 */
export class LiveMoments {
  /** In order. */
  list: readonly Moment[] = $state.raw([]);
  readonly #turns = new TurningPoints();
  #found: Moment[] = [];
  /** The last entry that was looked at. */
  #seq = 0;
  #known = '';

  /** Takes in what is known by now of the time up to `until`, in place of what this page made of it. */
  recall(moments: readonly Moment[], until: number): void {
    this.#found = [...moments.filter(({ at }) => at <= until), ...this.#found.filter(({ at }) => at > until)];
    this.#known = '';
  }

  /** Looks at the class as it stands; `entries`: in order, all since some time. */
  look(fold: Fold, entries: readonly Entry[]): void {
    const fresh = entries.filter(({ seq }) => seq > this.#seq);
    this.#seq = fresh.at(-1)?.seq ?? this.#seq;
    this.#found.push(...momentsOf(fresh), ...this.#turns.look(fold));
    const { leaders, operations } = fold.world;
    const refusal = momentOfRefusal(operations);
    const known = `${this.#found.length} ${leaders.length} ${refusal.length}`;
    if (known === this.#known) return;
    this.#known = known;
    const all = [...this.#found, ...leaders.map(momentOfLeader), ...refusal];
    this.list = inOrder(all.filter(({ sign }) => sign !== null)).slice(-KEPT);
  }
}
