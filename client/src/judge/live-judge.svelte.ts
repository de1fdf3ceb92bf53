import { heldBy, Observation } from '../../../shared/classroom/observation.ts';
import type { Situation } from '../../../shared/classroom/situation.ts';
import type { Fold } from '../../../shared/recording/fold.ts';
import { Judging, type Bench } from './judging.svelte.ts';
import type { LiveNews } from './live-run.ts';
import { groupsIn } from './orders.ts';
import { objectivesOf } from './promises.ts';

/**
 * The judge of a class that goes on. Operations are judged from the beginning of the class, each once; how the cluster
 * stood is known only since this page has been watching.
 */
export class LiveJudge {
  /** Null until the recording has come. */
  judging: Judging | null = $state.raw(null);
  readonly #open: (() => Bench) | undefined;
  #observation = new Observation();
  #last = 0;
  #told = new Told();

  constructor(open?: () => Bench) {
    this.#open = open;
  }

  /** Takes note of how the cluster stands. */
  look(fold: Fold, situation: Situation): void {
    this.judging ??= new Judging(objectivesOf(fold.class.promised), this.#open);
    if (fold.now < this.#last) return;
    this.#last = fold.now;
    this.#observation.look(fold.now, situation);
  }

  /** Has what happened since the last time judged, or with `inFull` everything, by every model. */
  judge(fold: Fold, inFull = false): void {
    if (this.judging === null || this.judging.work !== null) return;
    this.judging.objectives = objectivesOf(fold.class.promised);
    this.judging.judgeLive(this.#told.news(fold, this.#observation), inFull);
  }

  stop(): void {
    this.judging?.stop();
    // Whoever judges next has heard of nothing.
    this.#told = new Told();
  }
}

/** What the judge has been told already. */
class Told {
  #isFirst = true;
  #operations = 0;
  #lastId: string | null = null;
  #stretches = 0;
  /** Places of operations that had not ended when they were told. */
  #open: readonly number[] = [];

  news(fold: Fold, { stretches }: Observation): LiveNews {
    const { operations } = fold.world;
    const isAnew = this.#isFirst || (operations[this.#operations - 1]?.id ?? null) !== this.#lastId;
    this.#isFirst = false;
    const since = isAnew ? 0 : this.#operations;
    const ended = isAnew ? [] : this.#open.filter((at) => operations[at]?.returned !== null);
    const asked = operations.slice(since).map((_, index) => since + index);
    const places = [...ended, ...asked];
    const from = isAnew ? 0 : Math.max(0, this.#stretches - 1);
    const stillOpen = isAnew ? [] : this.#open.filter((at) => operations[at]?.returned === null);
    this.#open = [...stillOpen, ...asked.filter((at) => operations[at]?.returned === null)];
    this.#operations = operations.length;
    this.#lastId = operations.at(-1)?.id ?? null;
    this.#stretches = stretches.length;
    return {
      header: fold.header,
      isAnew,
      operations: places.flatMap((at) => {
        const operation = operations[at];
        return operation === undefined ? [] : [{ at, operation }];
      }),
      stretches: { from, of: stretches.slice(from) },
      groups: groupsIn(fold),
      held: fold.class.ended ? heldBy(fold) : null,
    };
  }
}
