import { assert } from '../base/assert.ts';
import { isProof } from './certificate.ts';
import { byCall, byClient, byKey, type History, type Operation } from './history.ts';
import { checkLinearizable } from './linearizable.ts';
import type { Cut } from './story.ts';
import { tell } from './tell.ts';
import { contradictionOf, type Weaker } from './weak/contradiction.ts';
import { relationsOf } from './weak/relations.ts';
import { GUARANTEES } from './weak/sessions.ts';
import { smallest } from './weak/witness.ts';
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

function judgeWeaker(history: History, consistency: Weaker, options: Options): Judged {
  const { steps, bound = DEFAULT_BOUND } = options;
  const relations = relationsOf(history);
  if (relations.kind === 'thin-air') return contradicted([relations.reader], history, options);
  if (relations.kind === 'undecided') {
    return isImplied(history, options) ? IMPLIED : { verdict: 'unknown', reason: relations.reason };
  }
  if (relations.sources.size === 0) return UNTESTED;
  const { isTested, contradiction } = contradictionOf(relations, consistency, bound, steps);
  if (contradiction === 'undecided') {
    return { verdict: 'unknown', reason: 'neither an order nor a contradiction was found in time' };
  }
  if (contradiction !== null) {
    return contradicted(smallest(relations, contradiction, consistency, bound), history, options);
  }
  if (!isTested) return UNTESTED;
  if (consistency === 'sequential' && relations.operations.length < certainly(history)) {
    return { verdict: 'unknown', reason: 'a compare-and-set that failed is not part of this check' };
  }
  return OK;
}

const OK: Judged = { verdict: 'ok', reason: 'nothing contradicts it' };
const IMPLIED: Judged = { verdict: 'ok', reason: 'it is linearizable, which implies it' };
const UNTESTED: Judged = { verdict: 'vacuous', reason: 'no operation could have broken it' };

function contradicted(witness: readonly Operation[], { model }: History, { cuts }: Options): Judged {
  const story = tell(model, witness, cuts);
  return { verdict: 'violated', reason: 'these contradict each other', witness, story };
}

function certainly({ operations }: History): number {
  return operations.filter(({ ret }) => ret !== Infinity).length;
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
