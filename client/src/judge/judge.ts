import type { Json } from '../../../shared/base/json.ts';
import type { Table } from '../../../shared/base/table.ts';
import { anomaliesOf } from '../../../shared/checker/anomalies.ts';
import type { Anomaly, AnomalyKind } from '../../../shared/checker/anomaly.ts';
import { checkParts, CONSISTENCIES, type Consistency } from '../../../shared/checker/check.ts';
import type { Operation } from '../../../shared/checker/history.ts';
import { timeOf, type Judgement } from '../../../shared/checker/judgement.ts';
import { lostWrites } from '../../../shared/checker/losses.ts';
import {
  keptAvailability,
  score,
  type Kept,
  type Objectives,
  type Scorecard,
  type Stretch,
} from '../../../shared/checker/scorecard.ts';
import { deed } from '../../../shared/checker/story.ts';
import { cutsOf } from '../../../shared/classroom/observation.ts';
import type { Header } from '../../../shared/recording/header.ts';
import { judgeableOf, type Judgeable } from '../../../shared/scripts/judgeable.ts';
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

/** What takes long to find in a long run: everything but the verdicts and the plain counts. */
export type Findings = Pick<RunJudgement, 'mishaps' | 'untested' | 'stale' | 'lost'> & {
  readonly window: Kept | null;
};

/** Judges a run by definition: every model, every anomaly, and the counts. */
export function judge(run: JudgedRun, objectives: Objectives): RunJudgement {
  const judgeable = judgeableOf({ header: run.header, operations: dataOperations(run.operations) });
  const counted = count(run, find(run, judgeable, objectives), objectives);
  return { ...counted, verdicts: verdictsOf(run, judgeable, objectives) };
}

/** What can be found in a run without asking any model for a verdict. */
export function findIn(run: JudgedRun, objectives: Objectives): Findings {
  const operations = dataOperations(run.operations);
  return find(run, judgeableOf({ header: run.header, operations }), objectives);
}

/** Counts a run, with what was found in it. */
export function count(
  { operations, stretches, groups }: JudgedRun,
  { window, ...found }: Findings,
  { availability }: Objectives,
): Omit<RunJudgement, 'verdicts'> {
  const stale = new Set(found.stale);
  const lost = new Set(found.lost);
  const scorecard = score({
    operations: dataOperations(operations).map((operation) => {
      const { id, node, invoked, returned } = operation;
      const isStale = stale.has(id);
      return { node, invoked, returned, class: operation.class, isStale, isLost: lost.has(id) };
    }),
    stretches,
    groups,
  });
  const kept = availability === null ? null : keptAvailability(scorecard.everybody, availability);
  return { ...found, scorecard, objectives: { availability: kept, window } };
}

function find(run: JudgedRun, judgeable: Judgeable, { window }: Objectives): Findings {
  const { held } = run;
  const operations = dataOperations(run.operations);
  const idOf = ({ at }: Operation): string => operations[at]?.id ?? '';
  const found = judgeable.parts.flatMap(({ history }) => anomaliesOf(history, EVERY));
  const stale = found.filter(({ kind }) => kind === 'stale read' || kind === 'resurrected delete');
  const losses = held === null ? null : judgeable.parts.flatMap(({ history }) => lostWrites(history, held));
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
    untested: judgeable.untested,
    stale: [...new Set(stale.flatMap((anomaly) => anomaly.operations.slice(-1).map(idOf)))],
    lost: [...new Set((losses ?? unseenWrites(found)).map(idOf))],
    window: window === null ? null : keptWindow(judgeable, window),
  };
}

function verdictsOf(run: JudgedRun, { parts }: Judgeable, { window }: Objectives): Verdict[] {
  const operations = dataOperations(run.operations);
  const options = { cuts: cutsOf(run.stretches), ...(window === null ? {} : { bound: window }) };
  return CONSISTENCIES.map((consistency) => {
    const judgement = checkParts(parts, consistency, options);
    const { verdict, reason, story = null, witness = [] } = judgement;
    const at = verdict === 'violated' ? timeOf(judgement) : null;
    const named = witness.flatMap((operation) => operations[operation.at]?.id ?? []);
    return { consistency, verdict, reason, at, story, witness: named };
  });
}

/** Acknowledged writes that a later read should have shown: all that can be said while replicas still change. */
function unseenWrites(found: readonly Anomaly[]): Operation[] {
  return found.flatMap(({ kind, operations }) =>
    kind === 'lost acknowledged write' ? operations.slice(-2, -1) : [],
  );
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

function keptWindow({ parts }: Judgeable, bound: number): Kept {
  const KEPT = { ok: 'kept', violated: 'broken', unknown: 'unknown', vacuous: 'not tested' } as const;
  return KEPT[checkParts(parts, 'bounded-staleness', { bound }).verdict];
}
