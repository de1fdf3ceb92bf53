import { cutsOf } from '../../../shared/classroom/observation.ts';
import type { Objectives, Stretch } from '../../../shared/checker/scorecard.ts';
import { tell } from '../../../shared/checker/tell.ts';
import { systemOf } from '../../../shared/recording/setup.ts';
import { LiveHistory } from '../../../shared/scripts/live-history.ts';
import type { OperationRecord } from '../../../shared/sim/operation.ts';
import {
  count,
  findIn,
  judge,
  type Findings,
  type JudgedRun,
  type RunJudgement,
  type Verdict,
} from './judge.ts';

/** What has happened since the last time. `at`: the place of an operation among all of the class. */
export type LiveNews = Omit<JudgedRun, 'operations' | 'stretches'> & {
  /** Whether the class is told of from its beginning: what was known of it does not count any more. */
  readonly isAnew: boolean;
  /** Operations that were asked, or that have ended. */
  readonly operations: readonly { readonly at: number; readonly operation: OperationRecord }[];
  /** The stretches from a place on: the last one of before may have gone on. */
  readonly stretches: { readonly from: number; readonly of: readonly Stretch[] };
};

/** So many operations are looked through again whenever something is new; of more, when a tenth of them is new. */
const LOOKED_THROUGH_MAX = 1000;
const NEWS_SHARE = 10;

/**
 * A class that goes on, as its judge knows it: each operation is judged once, when it comes. What takes the whole history
 * to find is looked for when enough is new, or nothing more comes, so that it costs little for each operation.
 */
export class LiveRun {
  #run: JudgedRun | null = null;
  #history: LiveHistory | null = null;
  readonly #operations: OperationRecord[] = [];
  /** What all models said when they were last asked, and of what time. */
  #full: { readonly verdicts: readonly Verdict[]; readonly asOf: number } | null = null;
  #found: { readonly findings: Findings; readonly by: Objectives } | null = null;
  /** How much came since that was found, and whether something came last time. */
  #news = 0;
  #isGoingOn = false;

  take({ isAnew, operations, stretches, ...rest }: LiveNews): void {
    if (isAnew) this.#forget();
    this.#history ??= new LiveHistory(systemOf(rest.header));
    const news = operations.map(({ at, operation }) => ({
      at,
      operation,
      isNew: at >= this.#operations.length,
    }));
    for (const { at, operation } of news) this.#operations[at] = operation;
    this.#history.take(news);
    this.#news += news.length;
    this.#isGoingOn = news.length > 0;
    const before = this.#run?.stretches.slice(0, stretches.from) ?? [];
    this.#run = { ...rest, operations: this.#operations, stretches: [...before, ...stretches.of] };
  }

  /** The run as far as it is known; null before anything was told. */
  get run(): JudgedRun | null {
    return this.#run;
  }

  /** The moment up to which the verdicts of all models were asked; null when they never were. */
  get asOf(): number | null {
    return this.#full?.asOf ?? null;
  }

  /** What is known at once: whether the run is linearizable so far, and the counts. */
  judgeSoFar(run: JudgedRun, objectives: Objectives): RunJudgement {
    const live = this.#verdict(run);
    const [before, ...others] = this.#full?.verdicts ?? [];
    const first = live.verdict === 'unknown' ? (before ?? live) : live;
    const findings = this.#findings(run, objectives);
    return { ...count(run, findings, objectives), verdicts: [first, ...others] };
  }

  /** Asks every model, over the whole run. */
  judgeInFull(run: JudgedRun, objectives: Objectives): RunJudgement {
    const judgement = judge(run, objectives);
    this.#full = { verdicts: judgement.verdicts, asOf: run.stretches.at(-1)?.until ?? 0 };
    return judgement;
  }

  #findings(run: JudgedRun, objectives: Objectives): Findings {
    const { length } = this.#operations;
    const isMuch = length <= LOOKED_THROUGH_MAX || NEWS_SHARE * this.#news >= length || !this.#isGoingOn;
    const isSame = this.#found?.by.window === objectives.window && run.held === null;
    if (this.#found !== null && isSame && (this.#news === 0 || !isMuch)) return this.#found.findings;
    const findings = findIn(run, objectives);
    this.#found = { findings, by: objectives };
    this.#news = 0;
    return findings;
  }

  #verdict({ stretches }: JudgedRun): Verdict {
    const finding = this.#history?.finding ?? { kind: 'vacuous' };
    const base = { consistency: 'linearizable', at: null, story: null, witness: [] } as const;
    switch (finding.kind) {
      case 'ok':
        return { ...base, verdict: 'ok', reason: 'everything so far can be put in an order' };
      case 'vacuous':
        return { ...base, verdict: 'vacuous', reason: 'nothing was read yet' };
      case 'undecided':
        return { ...base, verdict: 'unknown', reason: 'it takes the whole history; ask all models' };
      case 'violated': {
        const { at, operations } = finding;
        const story = tell('kv', operations, cutsOf(stretches));
        const witness = operations.flatMap((operation) => this.#operations[operation.at]?.id ?? []);
        return { ...base, verdict: 'violated', reason: 'no order explains these', at, story, witness };
      }
    }
  }

  #forget(): void {
    this.#run = null;
    this.#history = null;
    this.#full = null;
    this.#found = null;
    this.#news = 0;
    this.#operations.length = 0;
  }
}
