import { byCall, byClient, type History, type Operation } from './history.ts';
import type { Judged, Options } from './judgement.ts';
import { checkLinearizable, DEFAULT_STEPS, type Finding } from './linearizable.ts';
import { tell } from './tell.ts';
import { STEP_COST, type Weaker } from './weak/contradiction.ts';
import { hasOrder } from './weak/interleaving.ts';
import { GUARANTEES } from './weak/sessions.ts';
import { fewest } from './weak/witness.ts';
import { withOnly } from './witness.ts';

/** What holds wherever one order explains all answers. */
const OF_ONE_ORDER: readonly Weaker[] = ['sequential', 'causal-convergence', 'causal', ...GUARANTEES];

/** How many steps one question about the fewest operations may take. */
const QUESTION_STEPS = 5000;

/**
 * What a stricter model says of a weaker one, of histories that together are one: linearizability and sequential
 * consistency each imply what is weaker. Null when that decides nothing.
 */
export function impliedBy(
  histories: readonly History[],
  model: Weaker,
  { steps = DEFAULT_STEPS, cuts }: Options,
): Judged | null {
  if (areLinearizable(histories, steps)) return IMPLIED;
  if (!OF_ONE_ORDER.includes(model)) return null;
  const order = orderOf(histories, Math.floor(steps / STEP_COST));
  if (order === true) return { verdict: 'ok', reason: 'one order of everything explains all answers' };
  if (order === null || model !== 'sequential') return null;
  const witness = witnessOf(histories);
  const [first] = histories;
  const story = tell(first?.model ?? 'kv', witness, cuts);
  return { verdict: 'violated', reason: 'no order explains these', witness, story };
}

const IMPLIED: Judged = { verdict: 'ok', reason: 'it is linearizable, which implies it' };

/** Sequential consistency takes a search: what is known to be linearizable is spared it. */
export function spared(history: History, model: Weaker, { steps = DEFAULT_STEPS }: Options): Judged | null {
  const isOk = () => areApart(history.operations) && linearizability(history, steps).verdict === 'ok';
  return model === 'sequential' && isOk() ? IMPLIED : null;
}

/** Every weaker model that is not decided by itself asks for the same. */
const findings = new WeakMap<History, { readonly steps: number; readonly finding: Finding }>();

/** Whether a history is linearizable, asked once for all models. */
export function linearizability(history: History, steps: number = DEFAULT_STEPS): Finding {
  const known = findings.get(history);
  if (known !== undefined && known.steps === steps) return known.finding;
  const finding = checkLinearizable(history, steps);
  findings.set(history, { steps, finding });
  return finding;
}

/** Of all objects together when of each; the clock then keeps every client's order, unless its calls overlap or touch. */
function areLinearizable(histories: readonly History[], steps: number): boolean {
  if (!areApart(byCall(histories.flatMap(({ operations }) => operations)))) return false;
  return histories.every((history) => ['ok', 'vacuous'].includes(linearizability(history, steps).verdict));
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

type Ordered = { readonly of: readonly History[]; readonly steps: number; readonly order: boolean | null };
const orders = new WeakMap<History, Ordered>();

function orderOf(histories: readonly History[], steps: number): boolean | null {
  const [first] = histories;
  const known = first === undefined ? undefined : orders.get(first);
  const isKnown = known?.of.length === histories.length && known.of.every((each, i) => each === histories[i]);
  if (known !== undefined && isKnown && known.steps === steps) return known.order;
  const order = hasOrder(histories, steps);
  if (first !== undefined) orders.set(first, { of: histories, steps, order });
  return order;
}

/** The fewest operations that no order explains. */
function witnessOf(histories: readonly History[]): Operation[] {
  const operations = byCall(histories.flatMap((history) => history.operations));
  return fewest(operations, operations, (kept) => {
    const left = histories.map((history) => ({ ...history, operations: withOnly(history.operations, kept) }));
    return hasOrder(left, QUESTION_STEPS) === false;
  });
}
