import { heldBy, Observation } from '../../../shared/classroom/observation.ts';
import type { Situation } from '../../../shared/classroom/situation.ts';
import type { Stretch } from '../../../shared/checker/scorecard.ts';
import type { Fold } from '../../../shared/recording/fold.ts';
import { Judging, type Bench } from './judging.svelte.ts';
import type { LiveNews } from './live-run.ts';
import { groupsIn } from './orders.ts';
import { objectivesOf } from './promises.ts';
import { joinStretches, Recollection } from './recollection.svelte.ts';

/** A page that had to catch up with more than this has missed something. Virtual milliseconds. */
const MISSED_MS = 1000;

/**
 * The judge of a class that goes on. Operations are judged from the beginning of the class, each once. How the cluster
 * stood is known since this page has been watching; what was before, once that is recollected.
 */
export class LiveJudge {
  /** Null until the recording has come. */
  judging: Judging | null = $state.raw(null);
  /** Since when this page has been watching, virtual milliseconds; null: from the beginning. */
  since: number | null = $state(null);
  readonly recollection: Recollection;
  readonly #open: (() => Bench) | undefined;
  #observation = new Observation();
  #last = 0;
  #isBehind = true;
  #told = new Told();

  constructor(open?: () => Bench, recollection = new Recollection(open)) {
    this.#open = open;
    this.recollection = recollection;
  }

  /** Takes note of how the cluster stands; not of what a page that catches up hurries through. */
  look(fold: Fold, situation: Situation, isCatchingUp = false): void {
    this.judging ??= new Judging(objectivesOf(fold.class.promised), this.#open);
    if (isCatchingUp) this.#isBehind = true;
    if (isCatchingUp || fold.now < this.#last) return;
    if (this.#isBehind && fold.now - this.#last > MISSED_MS) this.#watchFrom(fold.now);
    this.#isBehind = false;
    this.#last = fold.now;
    this.#observation.look(fold.now, situation);
  }

  #watchFrom(now: number): void {
    this.since = now;
    this.#observation = new Observation();
    this.recollection.forget();
    this.#told = new Told();
  }

  /** Has what happened since the last time judged, or with `inFull` everything, by every model. */
  judge(fold: Fold, inFull = false): void {
    if (this.judging === null || this.judging.work !== null) return;
    this.judging.objectives = objectivesOf(fold.class.promised);
    this.judging.judgeLive(this.#told.news(fold, this.#stood()), inFull);
  }

  stop(): void {
    this.judging?.stop();
    // Whoever judges next has heard of nothing.
    this.#told = new Told();
  }

  /** Operations of a time of which it is not known how the cluster stood count on no side. */
  #stood(): Stood {
    const { recalled } = this.recollection;
    const seen = this.#observation.stretches;
    const stretches = recalled === null ? seen : joinStretches(recalled.stretches, seen);
    return { stretches, since: recalled === null ? this.since : null };
  }
}

/** How the cluster stood; `since`: null when that is known from the beginning. */
type Stood = { readonly stretches: readonly Stretch[]; readonly since: number | null };

/** What the judge has been told already. */
class Told {
  #isFirst = true;
  #operations = 0;
  #lastId: string | null = null;
  #stretches = 0;
  #since: number | null = null;
  /** Places of operations that had not ended when they were told. */
  #open: readonly number[] = [];

  news(fold: Fold, { stretches, since: stoodSince }: Stood): LiveNews {
    const { operations } = fold.world;
    const isAnew = this.#isFirst || (operations[this.#operations - 1]?.id ?? null) !== this.#lastId;
    this.#isFirst = false;
    const since = isAnew ? 0 : this.#operations;
    const ended = isAnew ? [] : this.#open.filter((at) => operations[at]?.returned !== null);
    const asked = operations.slice(since).map((_, index) => since + index);
    const places = [...ended, ...asked];
    const isOther = isAnew || stoodSince !== this.#since;
    const from = isOther ? 0 : Math.max(0, this.#stretches - 1);
    const stillOpen = isAnew ? [] : this.#open.filter((at) => operations[at]?.returned === null);
    this.#open = [...stillOpen, ...asked.filter((at) => operations[at]?.returned === null)];
    this.#operations = operations.length;
    this.#lastId = operations.at(-1)?.id ?? null;
    this.#stretches = stretches.length;
    this.#since = stoodSince;
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
