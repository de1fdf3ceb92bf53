import { assert } from '../base/assert.ts';
import { isProof } from './certificate.ts';
import { byCall, byKey, type History } from './history.ts';
import { impliedBy, linearizability } from './implied.ts';
import { DEFAULT_BOUND, timeOf, type Judged, type Judgement, type Options } from './judgement.ts';
import type { Part } from './parts.ts';
import { deed, type Cut } from './story.ts';
import { tell } from './tell.ts';
import type { Weaker } from './weak/contradiction.ts';
import { judgeWeaker, leftOpen } from './weak/judge.ts';
import { GUARANTEES } from './weak/sessions.ts';
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
  const open = consistency === 'linearizable' ? null : openBetween(parts, judged, consistency, options);
  const broken = [...judged, ...(open === null ? [] : [open])].filter(
    ({ verdict }) => verdict === 'violated',
  );
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

/** What the parts leave open of a model that is about all objects at once; null when that is nothing. */
function openBetween(
  parts: readonly Part[],
  judged: readonly Judged[],
  model: Weaker,
  options: Options,
): Judged | null {
  const open = leftOpen(judged, model);
  if (open === null || parts.some(({ plural }) => plural.length > 0)) return open;
  const implied = impliedBy(
    parts.map(({ history }) => history),
    model,
    options,
  );
  return implied?.verdict === 'ok' ? null : (implied ?? open);
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

const NOTHING: Judged = { verdict: 'vacuous', reason: 'nothing was asked that a rule speaks of' };
