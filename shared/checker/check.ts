import { assert } from '../base/assert.ts';
import { isProof } from './certificate.ts';
import { byCall, byClient, byKey, type History, type Operation } from './history.ts';
import { checkLinearizable, type Finding } from './linearizable.ts';
import type { Part } from './parts.ts';
import { deed, type Cut } from './story.ts';
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
  /** When the network was cut: for the story, and as nobody can agree across a cut. */
  readonly cuts?: readonly Cut[];
};

/** Without a bound, how far behind a read may be: our choice, about as long as somebody waits before asking again. */
export const DEFAULT_BOUND = 5000;

/** Judges a history against a consistency model. */
export function check(history: History, consistency: Consistency, options: Options = {}): Judgement {
  const size = { operations: history.size, keys: byKey(history.operations).size };
  const asked = consistency === 'eventual' ? settled(history, options.cuts ?? []) : history;
  if (asked.operations.length === 0)
    return { verdict: 'vacuous', reason: 'there are no operations', ...size };
  const judgement =
    consistency === 'linearizable'
      ? judgeLinearizable(asked, options)
      : judgeWeaker(asked, consistency, options);
  return { ...judgement, ...size };
}

/** Judges the parts of one history. */
export function checkParts(
  parts: readonly Part[],
  consistency: Consistency,
  options: Options = {},
): Judgement {
  const judged = parts.map((part) => checkPart(part, consistency, options));
  const between = togetherOpen(judged, consistency);
  const open = between === null || areImplied(parts, options) ? null : between;
  const broken = judged.filter(({ verdict }) => verdict === 'violated');
  const worst =
    broken.sort((a, b) => timeOf(a) - timeOf(b))[0] ??
    judged.find(({ verdict }) => verdict === 'unknown') ??
    open ??
    judged.find(({ verdict }) => verdict === 'ok') ??
    judged[0] ??
    NOTHING;
  const operations = judged.reduce((sum, each) => sum + each.operations, 0);
  const keys = judged.reduce((sum, each) => sum + each.keys, 0);
  return { ...worst, operations, keys };
}

/** When a violation could first be known, milliseconds. */
export function timeOf({ brokenAt, witness = [] }: Omit<Judgement, 'operations' | 'keys'>): number {
  const known = (time: number, { call, ret }: Operation) => Math.max(time, ret === Infinity ? call : ret);
  return brokenAt ?? witness.reduce(known, 0);
}

/** Only models that demand one order of everything, seen by all, are broken by several values side by side. */
function checkPart({ history, plural }: Part, consistency: Consistency, options: Options): Judgement {
  const judgement = check(history, consistency, options);
  const [read] = plural;
  if (read === undefined || !(consistency === 'linearizable' || consistency === 'sequential'))
    return judgement;
  if (judgement.verdict === 'violated' && timeOf(judgement) <= read.ret) return judgement;
  return {
    ...judgement,
    verdict: 'violated',
    reason: 'a read returned several values',
    witness: [read],
    brokenAt: read.ret,
    story: `${deed(read)}: several values at once, where one object has one.`,
  };
}

/** That replicas agree in the end is asked from some time after the last cut on. */
function settled(history: History, cuts: readonly Cut[]): History {
  const whole = cuts.reduce((time, { until }) => Math.max(time, (until ?? Infinity) + DEFAULT_BOUND), 0);
  if (whole === 0) return history;
  const operations = history.operations.filter(({ kind, call }) => kind !== 'read' || call > whole);
  return { ...history, operations };
}

type Judged = Omit<Judgement, 'operations' | 'keys'>;

function judgeLinearizable(history: History, { steps, cuts }: Options): Judged {
  const finding = linearizability(history, steps);
  if (finding.verdict !== 'violated') return finding;
  const { certificate, part } = finding.violation;
  assert(certificate === null || isProof(certificate, part), 'a certificate proves what it is given for');
  const { operations, context, brokenAt, isMinimal } = explain(finding.violation);
  const witness = byCall([...operations, ...context]);
  const { verdict, reason } = finding;
  return { verdict, reason, witness, brokenAt, isMinimal, story: tell(history.model, witness, cuts) };
}

/** Every weaker model that is not decided by itself asks for the same. */
const findings = new WeakMap<History, { readonly steps: number | undefined; readonly finding: Finding }>();

function linearizability(history: History, steps: number | undefined): Finding {
  const known = findings.get(history);
  if (known !== undefined && known.steps === steps) return known.finding;
  const finding = checkLinearizable(history, steps);
  findings.set(history, { steps, finding });
  return finding;
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

function isFailedCompare({ kind, out, ret }: Operation): boolean {
  return kind === 'cas' && out === false && ret !== Infinity;
}

const OK: Judged = { verdict: 'ok', reason: 'nothing contradicts it' };
const IMPLIED: Judged = { verdict: 'ok', reason: 'it is linearizable, which implies it' };
const UNTESTED: Judged = { verdict: 'vacuous', reason: 'no operation could have broken it' };
const NOTHING: Judged = { verdict: 'vacuous', reason: 'nothing was asked that a rule speaks of' };

function contradicted(witness: readonly Operation[], { model }: History, { cuts }: Options): Judged {
  const story = tell(model, witness, cuts);
  return { verdict: 'violated', reason: 'these contradict each other', witness, story };
}

/** What is linearizable keeps every weaker model, unless the calls of one client overlap or touch. */
function isImplied(history: History, { steps }: Options): boolean {
  return areApart(history.operations) && linearizability(history, steps).verdict === 'ok';
}

/** Linearizability holds of all objects together when it holds of each. */
function areImplied(parts: readonly Part[], { steps }: Options): boolean {
  if (parts.some(({ plural }) => plural.length > 0)) return false;
  if (!areApart(byCall(parts.flatMap(({ history }) => history.operations)))) return false;
  return parts.every(({ history }) => ['ok', 'vacuous'].includes(linearizability(history, steps).verdict));
}

/** Whether nobody asked before the answer to what the same client had asked before. */
function areApart(operations: readonly Operation[]): boolean {
  return [...byClient(operations).values()].every((session) =>
    session.every((operation, index) => {
      const before = session[index - 1];
      return before === undefined || before.ret === Infinity || before.ret < operation.call;
    }),
  );
}
