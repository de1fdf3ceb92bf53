import type { Json } from '../../../shared/base/json.ts';
import type { Table } from '../../../shared/base/table.ts';
import { anomaliesOf } from '../../../shared/checker/anomalies.ts';
import type { Anomaly, AnomalyKind } from '../../../shared/checker/anomaly.ts';
import {
  check,
  CONSISTENCIES,
  DEFAULT_BOUND,
  type Consistency,
  type Judgement,
  type Options,
} from '../../../shared/checker/check.ts';
import type { History, Operation } from '../../../shared/checker/history.ts';
import { lostWrites } from '../../../shared/checker/losses.ts';
import {
  keptAvailability,
  score,
  type Kept,
  type Objectives,
  type Scorecard,
  type Stretch,
} from '../../../shared/checker/scorecard.ts';
import { deed, type Cut } from '../../../shared/checker/story.ts';
import { cutsOf } from '../../../shared/classroom/observation.ts';
import type { Header } from '../../../shared/recording/header.ts';
import { judgeableOf, type Judgeable, type JudgeableHistory } from '../../../shared/scripts/judgeable.ts';
import { dataOperations, type NodeId, type OperationRecord } from '../../../shared/sim/operation.ts';

/** A run as it is judged: what was asked, how the cluster stood, and what is left at the end. */
export type JudgedRun = {
  readonly header: Header;
  readonly operations: readonly OperationRecord[];
  readonly stretches: readonly Stretch[];
  readonly groups: readonly { readonly name: string; readonly nodes: readonly NodeId[] }[];
  /** What replicas hold of each key; null while the run goes on, when nothing is lost for good. */
  readonly held: Readonly<Table<readonly Json[]>> | null;
};

/** What one model says of a run. Operations are named by their ids. */
export type Verdict = {
  readonly consistency: Consistency;
  readonly verdict: Judgement['verdict'];
  readonly reason: string;
  /** The instant at which it broke, virtual milliseconds. */
  readonly at: number | null;
  readonly story: string | null;
  readonly witness: readonly string[];
};

/** Something that went wrong, in plain words. `at`: when it could first be known, virtual milliseconds. */
export type Mishap = {
  readonly kind: AnomalyKind | 'concurrent values';
  readonly at: number;
  readonly story: string;
  readonly operations: readonly string[];
};

/** Everything the judge says of a run. */
export type RunJudgement = {
  readonly verdicts: readonly Verdict[];
  readonly mishaps: readonly Mishap[];
  readonly scorecard: Scorecard;
  readonly objectives: { readonly availability: Kept | null; readonly window: Kept | null };
  /** Keys of which no rule says what is right, each with the reason. */
  readonly untested: Judgeable['untested'];
  readonly stale: readonly string[];
  readonly lost: readonly string[];
};

/** Of one kind there may be thousands, and every one counts in the scorecard. */
const EVERY = Infinity;
/** How many of a kind the panel tells. */
const TOLD_MAX = 20;

/** Judges a run by definition: every model, every anomaly, and the counts. */
export function judge(run: JudgedRun, objectives: Objectives): RunJudgement {
  const judgeable = judgeableOf({ header: run.header, operations: dataOperations(run.operations) });
  return { ...count(run, judgeable, objectives), verdicts: verdictsOf(run, judgeable, objectives) };
}

/** What can be counted of a run, without its verdicts. */
export function countOnly(run: JudgedRun, objectives: Objectives): Omit<RunJudgement, 'verdicts'> {
  const operations = dataOperations(run.operations);
  return count(run, judgeableOf({ header: run.header, operations }), objectives);
}

function count(run: JudgedRun, judgeable: Judgeable, objectives: Objectives): Omit<RunJudgement, 'verdicts'> {
  const { stretches, groups, held } = run;
  const operations = dataOperations(run.operations);
  const idOf = ({ at }: Operation): string => operations[at]?.id ?? '';
  const found = judgeable.histories.flatMap(({ history }) => anomaliesOf(history, EVERY));
  const stale = found.filter(({ kind }) => kind === 'stale read' || kind === 'resurrected delete');
  const staleIds = new Set(stale.flatMap((anomaly) => anomaly.operations.slice(-1).map(idOf)));
  const losses =
    held === null ? null : judgeable.histories.flatMap(({ history }) => lostWrites(history, held));
  const lostIds = new Set((losses ?? unseenWrites(found)).map(idOf));
  const scorecard = score({
    operations: operations.map((operation) => ({
      ...operation,
      isStale: staleIds.has(operation.id),
      isLost: lostIds.has(operation.id),
    })),
    stretches,
    groups,
  });
  const told = found.filter(({ kind }) => losses === null || kind !== 'lost acknowledged write');
  const mishaps = [
    ...told.map(({ kind, story, operations: shown }): Mishap => {
      return { kind, at: knownAt(shown), story, operations: shown.map(idOf).filter((id) => id !== '') };
    }),
    ...(losses ?? []).map((write): Mishap => {
      const story = `${deed(write)} and was told so; at the end no replica has it, nor anything newer.`;
      return { kind: 'lost acknowledged write', at: write.ret, story, operations: [idOf(write)] };
    }),
    ...concurrentValues(operations),
  ];
  return {
    mishaps: firstOfEach(mishaps),
    scorecard,
    objectives: keptOf(objectives, scorecard, judgeable),
    untested: judgeable.untested,
    stale: [...staleIds],
    lost: [...lostIds],
  };
}

function verdictsOf(run: JudgedRun, judgeable: Judgeable, { window }: Objectives): Verdict[] {
  const operations = dataOperations(run.operations);
  const idOf = ({ at }: Operation): string => operations[at]?.id ?? '';
  const known = new Map<History, Judgement['verdict']>();
  return CONSISTENCIES.map((consistency) => {
    const options = { cuts: cutsOf(run.stretches), ...(window === null ? {} : { bound: window }) };
    return verdictOf(judgeable, consistency, options, known, idOf);
  });
}

/** Acknowledged writes that a later read should have shown: all that can be said while replicas still change. */
function unseenWrites(found: readonly Anomaly[]): Operation[] {
  return found.flatMap(({ kind, operations }) =>
    kind === 'lost acknowledged write' ? operations.slice(-2, -1) : [],
  );
}

function verdictOf(
  judgeable: Judgeable,
  consistency: Consistency,
  options: Options,
  known: Map<History, Judgement['verdict']>,
  idOf: (operation: Operation) => string,
): Verdict {
  const judgements = judgeable.histories.map((each) => {
    const linearizable = known.get(each.history);
    const found = judgeOne(each, consistency, {
      ...options,
      ...(linearizable === undefined ? {} : { linearizable }),
    });
    if (consistency === 'linearizable') known.set(each.history, found.verdict);
    return found;
  });
  const violated = judgements
    .filter(({ verdict }) => verdict === 'violated')
    .sort((a, b) => brokenAt(a) - brokenAt(b));
  const worst =
    violated[0] ??
    judgements.find(({ verdict }) => verdict === 'unknown') ??
    judgements.find(({ verdict }) => verdict === 'ok') ??
    judgements[0];
  if (worst === undefined) {
    return {
      consistency,
      verdict: 'vacuous',
      reason: 'nothing was asked that a rule speaks of',
      at: null,
      story: null,
      witness: [],
    };
  }
  const { verdict, reason, witness = [] } = worst;
  return {
    consistency,
    verdict,
    reason,
    at: verdict === 'violated' ? brokenAt(worst) : null,
    story: worst.story ?? null,
    witness: witness.map(idOf).filter((id) => id !== ''),
  };
}

/** Only models that demand one order of everything, seen by all, are broken by several values side by side. */
function judgeOne(
  { history, plural }: JudgeableHistory,
  consistency: Consistency,
  options: Options,
): Judgement {
  const asked = consistency === 'eventual' ? settled(history, options.cuts ?? []) : history;
  const judgement = check(asked, consistency, options);
  const [read] = plural;
  if (read === undefined || (consistency !== 'linearizable' && consistency !== 'sequential'))
    return judgement;
  if (judgement.verdict === 'violated' && brokenAt(judgement) <= read.ret) return judgement;
  const story = `${deed(read)}: several values at once, where one object has one.`;
  return {
    ...judgement,
    verdict: 'violated',
    reason: 'a read returned several values',
    witness: [read],
    brokenAt: read.ret,
    story,
  };
}

/** Nobody can agree across a cut: that replicas do so in the end is asked from some time after the last one on. */
function settled(history: History, cuts: readonly Cut[]): History {
  const whole = cuts.reduce((time, { until }) => Math.max(time, (until ?? Infinity) + DEFAULT_BOUND), 0);
  const operations = history.operations.filter(({ kind, call }) => kind !== 'read' || call > whole);
  return { ...history, operations };
}

function brokenAt({ brokenAt: at, witness = [] }: Judgement): number {
  return at ?? knownAt(witness);
}

/** When all of these had returned, as far as they did. */
function knownAt(operations: readonly Operation[]): number {
  return operations.reduce((time, { call, ret }) => Math.max(time, ret === Infinity ? call : ret), 0);
}

/** A read of several values: nobody had told the writers of each other. */
function concurrentValues(operations: readonly OperationRecord[]): Mishap[] {
  return operations.flatMap((operation): Mishap[] => {
    const { id, node, kind, key, returned, result } = operation;
    const values = result?.values ?? [];
    if (kind !== 'read' || returned === null || values.length < 2) return [];
    const story = `${node} read ${values.length} values of ${key} at once at ${(returned / 1000).toFixed(2)} s: ${values.map((value) => JSON.stringify(value)).join(' and ')}.`;
    return [{ kind: 'concurrent values', at: returned, story, operations: [id] }];
  });
}

function firstOfEach(mishaps: readonly Mishap[]): Mishap[] {
  const counts = new Map<string, number>();
  return [...mishaps]
    .sort((a, b) => a.at - b.at)
    .filter(({ kind }) => {
      const count = (counts.get(kind) ?? 0) + 1;
      counts.set(kind, count);
      return count <= TOLD_MAX;
    });
}

function keptOf(
  { availability, window }: Objectives,
  { everybody }: Scorecard,
  judgeable: Judgeable,
): RunJudgement['objectives'] {
  return {
    availability: availability === null ? null : keptAvailability(everybody, availability),
    window: window === null ? null : keptWindow(judgeable, window),
  };
}

function keptWindow({ histories }: Judgeable, bound: number): Kept {
  const verdicts = histories.map(({ history }) => check(history, 'bounded-staleness', { bound }).verdict);
  if (verdicts.includes('violated')) return 'broken';
  if (verdicts.includes('unknown')) return 'unknown';
  return verdicts.includes('ok') ? 'kept' : 'not tested';
}
