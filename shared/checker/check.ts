import { assert } from '../base/assert.ts';
import { isProof } from './certificate.ts';
import { byCall, byClient, byKey, type History, type Operation } from './history.ts';
import { checkLinearizable } from './linearizable.ts';
import type { Cut } from './story.ts';
import { tell } from './tell.ts';
import { collectionsOf } from './weak/collections.ts';
import { contradictionOf, type Weaker } from './weak/contradiction.ts';
import { relationsOf } from './weak/relations.ts';
import { GUARANTEES } from './weak/sessions.ts';
import { visibilityContradiction } from './weak/visibility.ts';
import { smallest, smallestOfCollections } from './weak/witness.ts';
import { explain } from './witness.ts';

/** What can be asked of a history, the strictest first. */
export const CONSISTENCIES = [
  'linearizable',
  'sequential',
  'causal-convergence',
  'causal',
  ...GUARANTEES,
  'bounded-staleness',
  'eventual',
] as const;
export type Consistency = (typeof CONSISTENCIES)[number];

/**
 * A judgement. `vacuous`: nothing was tested. `unknown`: not decided, for the reason given. A violation has a
 * witness, and for linearizability the time at which the history broke.
 */
export type Judgement = {
  readonly verdict: 'ok' | 'violated' | 'unknown' | 'vacuous';
  readonly reason: string;
  readonly operations: number;
  readonly keys: number;
  readonly witness?: readonly Operation[];
  readonly brokenAt?: number;
  readonly isMinimal?: boolean;
  readonly story?: string;
};

export type Options = {
  /** How many steps a search may take. */
  readonly steps?: number;
  /** Milliseconds: how stale a read may be, and how long after the last write replicas have to agree. */
  readonly bound?: number;
  /** What is known of linearizability already: weaker models need not ask again. */
  readonly linearizable?: Judgement['verdict'];
  /** For the story. */
  readonly cuts?: readonly Cut[];
};

/** Without a bound, how far behind a read may be: our choice, about as long as somebody waits before asking again. */
export const DEFAULT_BOUND = 5000;

/** Judges a history against a consistency model. */
export function check(history: History, consistency: Consistency, options: Options = {}): Judgement {
  const size = { operations: history.size, keys: byKey(history.operations).size };
  if (history.operations.length === 0)
    return { verdict: 'vacuous', reason: 'there are no operations', ...size };
  const judgement =
    consistency === 'linearizable'
      ? judgeLinearizable(history, options)
      : judgeWeaker(history, consistency, options);
  return { ...judgement, ...size };
}

/** Judges histories of different objects that together are one. */
export function checkTogether(
  histories: readonly History[],
  consistency: Consistency,
  options: Options = {},
): Judgement {
  const judged = histories.map((history) => check(history, consistency, options));
  const between = togetherOpen(judged, consistency);
  const isImpliedByEach = () => histories.every((history) => isImplied(history, options));
  const open = between === null || isImpliedByEach() ? null : between;
  const broken = judged.filter(({ verdict }) => verdict === 'violated');
  const worst =
    broken.sort((a, b) => compareTimes(a.brokenAt, b.brokenAt))[0] ??
    judged.find(({ verdict }) => verdict === 'unknown') ??
    open ??
    judged.find(({ verdict }) => verdict === 'ok') ??
    UNTESTED;
  const operations = judged.reduce((sum, each) => sum + each.operations, 0);
  const keys = judged.reduce((sum, each) => sum + each.keys, 0);
  return { ...worst, operations, keys };
}

type Judged = Omit<Judgement, 'operations' | 'keys'>;

function judgeLinearizable(history: History, { steps, cuts }: Options): Judged {
  const finding = checkLinearizable(history, steps);
  if (finding.verdict !== 'violated') return finding;
  const { certificate, part } = finding.violation;
  assert(certificate === null || isProof(certificate, part), 'a certificate proves what it is given for');
  const { operations, context, brokenAt, isMinimal } = explain(finding.violation);
  const witness = byCall([...operations, ...context]);
  const { verdict, reason } = finding;
  return { verdict, reason, witness, brokenAt, isMinimal, story: tell(history.model, witness, cuts) };
}

/** Registers tell who saw whom by their values, sets and lists by their items. */
function judgeWeaker(history: History, consistency: Weaker, options: Options): Judged {
  const judged = [
    judgeRegisters(history, consistency, options),
    judgeCollections(history, consistency, options),
  ].filter((each) => each !== null);
  const broken = judged.find(({ verdict }) => verdict === 'violated');
  if (broken !== undefined) return broken;
  const open = judged.find(({ verdict }) => verdict === 'unknown') ?? togetherOpen(judged, consistency);
  if (open !== null) return isImplied(history, options) ? IMPLIED : open;
  return judged.find(({ verdict }) => verdict === 'ok') ?? UNTESTED;
}

/** Null when there are none. */
function judgeRegisters(history: History, consistency: Weaker, options: Options): Judged | null {
  const { steps, bound = DEFAULT_BOUND } = options;
  const relations = relationsOf(history);
  if (relations.kind === 'thin-air') return contradicted([relations.reader], history, options);
  if (relations.kind === 'undecided') return { verdict: 'unknown', reason: relations.reason };
  const { operations, sources, doubt } = relations;
  if (sources.size === 0 && doubt === null) return operations.length === 0 ? null : UNTESTED;
  const { isTested, contradiction } = contradictionOf(relations, consistency, bound, steps);
  if (contradiction === 'undecided') {
    return { verdict: 'unknown', reason: 'neither an order nor a contradiction was found in time' };
  }
  if (contradiction !== null) {
    return contradicted(smallest(relations, contradiction, consistency, bound), history, options);
  }
  if (doubt !== null) return { verdict: 'unknown', reason: doubt };
  if (!isTested) return UNTESTED;
  if (consistency === 'sequential' && history.operations.some(isFailedCompare)) {
    return { verdict: 'unknown', reason: 'a compare-and-set that failed is not part of this check' };
  }
  return OK;
}

/** Null when there are none. */
function judgeCollections(history: History, consistency: Weaker, options: Options): Judged | null {
  const { bound = DEFAULT_BOUND } = options;
  const collections = collectionsOf(history);
  if (collections.kind === 'thin-air') return contradicted(collections.witness, history, options);
  if (collections.kind === 'undecided') return { verdict: 'unknown', reason: collections.reason };
  const { operations, shown, doubt } = collections;
  if (operations.length === 0) return doubt === null ? null : { verdict: 'unknown', reason: doubt };
  if (shown.size === 0) return UNTESTED;
  const { isTested, contradiction } = visibilityContradiction(collections, consistency, bound);
  if (contradiction !== null && contradiction !== 'undecided') {
    const witness = smallestOfCollections(collections, contradiction, consistency, bound);
    return contradicted(witness, history, options);
  }
  if (doubt !== null) return { verdict: 'unknown', reason: doubt };
  return isTested ? OK : UNTESTED;
}

/** Models that are about all keys at once do not follow from what holds of some keys each; linearizability does. */
function togetherOpen(judged: readonly Judged[], consistency: Consistency): Judged | null {
  const isOfAllKeys = ['sequential', 'causal', 'causal-convergence'].includes(consistency);
  if (!isOfAllKeys || judged.length < 2) return null;
  return { verdict: 'unknown', reason: 'values and lists hold each for themselves, and were not compared' };
}

/** What has no time comes last. */
function compareTimes(a = Number.MAX_VALUE, b = Number.MAX_VALUE): number {
  return a - b;
}

function isFailedCompare({ kind, out, ret }: Operation): boolean {
  return kind === 'cas' && out === false && ret !== Infinity;
}

const OK: Judged = { verdict: 'ok', reason: 'nothing contradicts it' };
const IMPLIED: Judged = { verdict: 'ok', reason: 'it is linearizable, which implies it' };
const UNTESTED: Judged = { verdict: 'vacuous', reason: 'no operation could have broken it' };

function contradicted(witness: readonly Operation[], { model }: History, { cuts }: Options): Judged {
  const story = tell(model, witness, cuts);
  return { verdict: 'violated', reason: 'these contradict each other', witness, story };
}

/** What is linearizable keeps every weaker model, unless the calls of one client overlap or touch. */
function isImplied(history: History, { steps, linearizable }: Options): boolean {
  if (linearizable !== undefined && linearizable !== 'ok') return false;
  const isApart = [...byClient(history.operations).values()].every((session) =>
    session.every((operation, index) => {
      const before = session[index - 1];
      return before === undefined || before.ret === Infinity || before.ret < operation.call;
    }),
  );
  return isApart && (linearizable ?? checkLinearizable(history, steps).verdict) === 'ok';
}
