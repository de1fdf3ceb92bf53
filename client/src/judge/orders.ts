import { assert } from '../../../shared/base/assert.ts';
import type { Objectives, Scorecard, Stretch } from '../../../shared/checker/scorecard.ts';
import { heldBy, Observation, observe } from '../../../shared/classroom/observation.ts';
import { assess } from '../../../shared/classroom/situation.ts';
import { keysOf } from '../../../shared/base/table.ts';
import type { Entry } from '../../../shared/recording/command.ts';
import type { Fold } from '../../../shared/recording/fold.ts';
import { readRecording } from '../../../shared/recording/read.ts';
import { endOf, type Recording } from '../../../shared/recording/recording.ts';
import { systemOf } from '../../../shared/recording/setup.ts';
import type { Skipped } from '../../../shared/recording/changed-run.ts';
import type { Difference } from '../../../shared/recording/first-difference.ts';
import { NO_CHANGE, whatIf, type Change } from '../../../shared/recording/what-if.ts';
import type { OperationRecord } from '../../../shared/sim/operation.ts';
import { SYSTEMS } from '../../../shared/systems/index.ts';
import { inOrder, momentsOf, type Moment } from '../state/moments.ts';
import { TurningPoints } from '../state/turning-points.ts';
import { LiveRun, type LiveNews } from './live-run.ts';
import { judge, type JudgedRun, type RunJudgement } from './judge.ts';

/** A recording without its checkpoints: all that decides a run, and how long it went on, virtual milliseconds. */
export type Script = Pick<Recording, 'header' | 'entries'> & { readonly until: number };

/** What the worker can be asked. */
export type Order =
  | { readonly kind: 'judge'; readonly script: Script; readonly objectives: Objectives }
  | {
      readonly kind: 'live';
      readonly news: LiveNews;
      readonly inFull: boolean;
      readonly objectives: Objectives;
    }
  | {
      readonly kind: 'what-if';
      readonly script: Script;
      readonly change: Change;
      readonly objectives: Objectives;
    }
  | { readonly kind: 'compare'; readonly script: Script; readonly objectives: Objectives }
  | { readonly kind: 'recollect'; readonly text: string };

/** A judged run with what it was judged by. */
export type Judged = {
  readonly judgement: RunJudgement;
  readonly operations: readonly OperationRecord[];
  readonly stretches: readonly Stretch[];
  /** Of a class that goes on: up to when all models were asked; null when they were not. Absent of a whole run. */
  readonly asOf?: number | null;
};

/** A changed run beside the original. */
export type OtherRun = Judged & {
  readonly title: string;
  /** From when on it is another run, virtual milliseconds. */
  readonly from: number;
  /** Null where the cluster was replaced on the way. */
  readonly script: Script | null;
  readonly skipped: readonly Skipped[];
  readonly difference: Difference | null;
  readonly handedOver: { readonly carried: number; readonly missed: number } | null;
};

/** One system's row: how the class would have gone under it, or why it cannot run. */
export type SystemRow = { readonly id: string; readonly title: string } & (
  | {
      readonly scorecard: Scorecard;
      readonly linearizable: RunJudgement['verdicts'][number];
      readonly skipped: number;
      readonly error: null;
    }
  | { readonly error: string }
);

/** A class up to some time: what was done, how the cluster stood, and what turned. */
export type Recalled = {
  /** Virtual milliseconds. */
  readonly until: number;
  readonly entries: readonly Entry[];
  readonly stretches: readonly Stretch[];
  readonly moments: readonly Moment[];
};

/** What the worker says. Every order ends with `judged`, `other`, `compared`, `recollected` or `failed`. */
export type Report =
  | { readonly kind: 'progress'; readonly share: number }
  | { readonly kind: 'judged'; readonly judged: Judged }
  | { readonly kind: 'other'; readonly other: OtherRun }
  | { readonly kind: 'row'; readonly row: SystemRow }
  | { readonly kind: 'compared' }
  | { readonly kind: 'recollected'; readonly recalled: Recalled }
  | { readonly kind: 'failed'; readonly message: string };

/**
 * Carries out an order, all of it before it returns: for a worker, never for the thread that draws. `live` keeps what is
 * known of a class that goes on from one order to the next.
 */
export function carryOut(order: Order, report: (report: Report) => void, live = new LiveRun()): void {
  try {
    work(order, report, live);
  } catch (error) {
    report({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
  }
}

function work(order: Order, report: (report: Report) => void, live: LiveRun): void {
  const progress = (share: number): void => report({ kind: 'progress', share });
  switch (order.kind) {
    case 'judge':
      return report({ kind: 'judged', judged: judgeScript(order.script, order.objectives, steps(progress)) });
    case 'live':
      return report({ kind: 'judged', judged: judgeLive(order, live) });
    case 'what-if': {
      const { script, change, objectives } = order;
      return report({ kind: 'other', other: playOther(script, change, objectives, steps(progress)) });
    }
    case 'compare':
      SYSTEMS.forEach((system, index) => {
        report({ kind: 'row', row: rowOf(order, system.id, system.title) });
        progress((index + 1) / SYSTEMS.length);
      });
      return report({ kind: 'compared' });
    case 'recollect':
      return report({ kind: 'recollected', recalled: recollect(order.text, steps(progress)) });
  }
}

function judgeLive({ news, inFull, objectives }: Order & { kind: 'live' }, live: LiveRun): Judged {
  live.take(news);
  const { run } = live;
  assert(run !== null, 'a class was told of');
  const judgement = inFull ? live.judgeInFull(run, objectives) : live.judgeSoFar(run, objectives);
  return { judgement, operations: [...run.operations], stretches: run.stretches, asOf: live.asOf };
}

function judgeScript(script: Script, objectives: Objectives, progress: (share: number) => void): Judged {
  const { fold, observation } = observe(script, script.until, progress);
  const { stretches } = observation;
  const judgement = judge(runOf(fold, stretches), objectives);
  return { judgement, operations: fold.world.operations, stretches };
}

function recollect(text: string, progress: (share: number) => void): Recalled {
  const { recording, damage } = readRecording(text);
  if (recording === null) throw new Error(damage?.message ?? 'there is no recording');
  const turns = new TurningPoints();
  const turned: Moment[] = [];
  const until = endOf(recording);
  const { observation } = observe(recording, until, progress, (fold) => {
    turned.push(...turns.look(fold));
  });
  const { entries } = recording;
  return {
    until,
    entries,
    stretches: observation.stretches,
    moments: inOrder([...momentsOf(entries), ...turned]),
  };
}

function playOther(
  script: Script,
  change: Change,
  objectives: Objectives,
  progress: (share: number) => void,
): OtherRun {
  const observation = new Observation();
  const { recording, fold, operations, skipped, difference, handedOver } = whatIf(
    script,
    script.until,
    change,
    { progress, look: (changed) => observation.look(changed.now, assess(changed)) },
  );
  const { stretches } = observation;
  const judgement = judge({ ...runOf(fold, stretches), operations }, objectives);
  return {
    judgement,
    operations,
    stretches,
    title: systemOf(fold.header).title,
    from: change.from,
    script:
      recording === null
        ? null
        : { header: recording.header, entries: recording.entries, until: script.until },
    skipped,
    difference,
    handedOver,
  };
}

function rowOf(order: Order & { kind: 'compare' }, id: string, title: string): SystemRow {
  const { script, objectives } = order;
  const isRecorded = script.header.system === id;
  try {
    const change = { ...NO_CHANGE, ...(isRecorded ? {} : { system: id }) };
    const { judgement, skipped } = playOther(script, change, objectives, () => undefined);
    const linearizable = judgement.verdicts.find(({ consistency }) => consistency === 'linearizable');
    if (linearizable === undefined) throw new Error('nobody asked whether it is linearizable');
    return { id, title, scorecard: judgement.scorecard, linearizable, skipped: skipped.length, error: null };
  } catch (error) {
    return { id, title, error: error instanceof Error ? error.message : String(error) };
  }
}

/** A finished run, ready to be judged. */
function runOf(fold: Fold, stretches: readonly Stretch[]): JudgedRun {
  const { header, world } = fold;
  return { header, operations: world.operations, stretches, groups: groupsIn(fold), held: heldBy(fold) };
}

/** Groups as they are now, those without members left out. */
export function groupsIn({ world: { groups } }: Fold): JudgedRun['groups'] {
  return keysOf(groups)
    .map((name) => ({ name, nodes: groups[name] ?? [] }))
    .filter(({ nodes }) => nodes.length > 0);
}

/** Progress told in whole percents: a worker that tells more keeps the page busy with listening. */
function steps(tell: (share: number) => void): (share: number) => void {
  let last = -1;
  return (share) => {
    const percent = Math.floor(share * 100);
    if (percent === last) return;
    last = percent;
    tell(percent / 100);
  };
}
