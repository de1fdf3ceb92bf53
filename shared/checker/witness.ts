import { byCall, isObserver, textOf, type Model, type Operation } from './history.ts';
import { instantOfBreak } from './live.ts';
import { isLinearizable, violationOf, type Violation } from './linearizable.ts';
import { valueSeenBy, valueWritten } from './models/register.ts';
import { isWrite } from './sources.ts';

/**
 * Operations that no order explains, as few as can be: with any one of them forgotten there is an order. A look is
 * forgotten by leaving it out; of what changes something it is forgotten when it happened, and whether.
 */
export type Witness = {
  readonly operations: readonly Operation[];
  /** Writes of values that the operations saw: named for the reader, though when they happened does not matter. */
  readonly context: readonly Operation[];
  /** When the history broke: up to any earlier time there is an order. */
  readonly brokenAt: number;
  /** False when the steps did not suffice to make it as small as can be. */
  readonly isMinimal: boolean;
};

/** How many steps an explanation may take. */
const EXPLAIN_STEPS = 4_000_000;

/** Finds when a history broke and the fewest operations that show it. */
export function explain({ model, suspects, part, account }: Violation): Witness {
  const budget = new Budget(model);
  const shown = account === null ? null : explain(account);
  const brokenAt = instantOf(part, shown?.operations ?? suspects, budget);
  const known = upTo(part, brokenAt);
  const closer = suspectsAt(brokenAt, known, model, shown);
  const kept = shrink(known, closer, budget);
  const names = new Map(part.map((operation) => [operation.at, operation]));
  const original = (operation: Operation) => names.get(operation.at) ?? operation;
  const operations = byCall(kept.map(original));
  return { operations, context: contextOf(operations, part), brokenAt, isMinimal: budget.wasEnough };
}

/** Few that are enough, for a start: what one account showed, unless all together broke before it. */
function suspectsAt(
  brokenAt: number,
  known: readonly Operation[],
  model: Model,
  shown: Witness | null,
): readonly Operation[] {
  if (shown?.brokenAt === brokenAt) {
    const lines = new Set(shown.operations.map(({ at }) => at));
    return known.filter(({ at }) => lines.has(at));
  }
  return violationOf(model, known, EXPLAIN_STEPS)?.suspects ?? known;
}

/** Whether a model's object can explain operations, within a number of steps that all questions share. */
class Budget {
  wasEnough = true;
  readonly #model: Model;
  #questions = 0;

  constructor(model: Model) {
    this.#model = model;
  }

  get isRegister(): boolean {
    return this.#model === 'register' || this.#model === 'kv';
  }

  /** Whether certainly no order explains them. */
  isBroken(operations: readonly Operation[]): boolean {
    this.#questions++;
    const steps = Math.floor(EXPLAIN_STEPS / (8 + this.#questions));
    const answer = isLinearizable(this.#model, operations, steps);
    if (answer === null) this.wasEnough = false;
    return answer === false;
  }
}

/**
 * The first return by which the history was broken. What is linearizable was so at any time before, so that
 * halving finds it.
 */
function instantOf(part: readonly Operation[], suspects: readonly Operation[], budget: Budget): number {
  const played = budget.isRegister ? instantOfBreak(part) : null;
  if (played !== null) return played;
  const last = suspects.reduce((time, { ret }) => (ret === Infinity ? time : Math.max(time, ret)), -Infinity);
  const times = [...new Set(part.map(({ ret }) => ret))].filter((time) => time <= last).sort((a, b) => a - b);
  let low = 0;
  let high = times.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (budget.isBroken(upTo(part, times[middle] as number))) high = middle;
    else low = middle + 1;
  }
  return times[low] ?? last;
}

/** What was known at a time: whatever had not returned may still happen or not. */
export function upTo(operations: readonly Operation[], time: number): Operation[] {
  return operations.flatMap((operation) => {
    if (operation.call > time) return [];
    if (operation.ret <= time) return [operation];
    return isObserver(operation) ? [] : [{ ...operation, ret: Infinity, out: null }];
  });
}

/** What is left of an operation when it is forgotten: nothing of a look, and of a change that it may have happened. */
function forgotten(operation: Operation): Operation[] {
  return isObserver(operation) ? [] : [{ ...operation, call: -Infinity, ret: Infinity, out: null }];
}

/**
 * Forgets as many operations as can be, large groups first. What is needed among many is needed among fewer, so that
 * one question for each that is left is enough.
 */
function shrink(known: readonly Operation[], suspects: readonly Operation[], budget: Budget): Operation[] {
  let kept = new Set(suspects);
  const isBroken = () => budget.isBroken(withOnly(known, kept));
  // Where values repeat the suspects may need others beside them: those that wrote the same.
  if (kept.size < known.length && !isBroken()) kept = new Set(known);
  // Looks go first: an acknowledged write says more than that somebody saw it.
  const order = [...kept].sort((a, b) => Number(isObserver(b)) - Number(isObserver(a)));
  for (let size = Math.ceil(order.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let start = 0; start < order.length; start += size) {
      const group = order.slice(start, start + size).filter((each) => kept.has(each));
      for (const each of group) kept.delete(each);
      if (group.length === 0 || isBroken()) continue;
      for (const each of group) kept.add(each);
    }
  }
  return known.filter((each) => kept.has(each));
}

/** The operations with all but some forgotten. */
export function withOnly(known: readonly Operation[], kept: ReadonlySet<Operation>): Operation[] {
  return byCall(known.flatMap((each) => (kept.has(each) ? [each] : forgotten(each))));
}

function contextOf(operations: readonly Operation[], part: readonly Operation[]): Operation[] {
  if (part.some(({ kind }) => !['read', 'write', 'cas'].includes(kind))) return [];
  const seen = new Set(operations.flatMap(valueSeenBy));
  const writers = part.filter((each) => isWrite(each) && seen.has(textOf(valueWritten(each))));
  return writers.filter((writer) => {
    const value = textOf(valueWritten(writer));
    const rivals = writers.filter((other) => textOf(valueWritten(other)) === value);
    return rivals.length === 1 && !operations.includes(writer);
  });
}
