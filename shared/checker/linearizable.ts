import { accountsOf } from './accounts.ts';
import type { Certificate } from './certificate.ts';
import {
  byKey,
  groupBy,
  isCertain,
  isObserver,
  textOf,
  type History,
  type Model,
  type Operation,
} from './history.ts';
import { followHint } from './hint.ts';
import { isText, machineFor } from './models/index.ts';
import { withoutUselessWrites } from './models/register.ts';
import { decideRegister } from './register-blocks.ts';
import { Search } from './search.ts';
import { decideText } from './text-blocks.ts';

/**
 * What a check found. `vacuous`: there was nothing that could have gone wrong. `unknown`: not decided, and
 * `reason` says why.
 */
export type Finding =
  | { readonly verdict: 'ok' | 'vacuous' | 'unknown'; readonly reason: string }
  | { readonly verdict: 'violated'; readonly reason: string; readonly violation: Violation };

/** Operations that no order explains, all of one object; `suspects` alone are enough. */
export type Violation = {
  readonly model: Model;
  readonly key: string;
  /** Everything done to the object. */
  readonly part: readonly Operation[];
  readonly suspects: readonly Operation[];
  /** Of a bank: the account that shows it by itself, as a counter; null when it takes several. */
  readonly account: Violation | null;
  readonly certificate: Certificate | null;
};

/** How many steps a search may take over all keys: a few seconds. */
export const DEFAULT_STEPS = 6_000_000;

/** How many for one account of a bank, before all are looked at together. */
const ACCOUNT_STEPS = 200_000;

/**
 * Whether the history is linearizable (Herlihy and Wing 1990): whether every operation can be given one moment
 * between its call and its return, so that the object, doing one after the other, answers as it did. Keys are
 * objects of their own and judged each by itself (Horn and Kroening 2015). The operations have to be sorted.
 */
export function checkLinearizable({ model, operations }: History, steps: number = DEFAULT_STEPS): Finding {
  if (!isTested(operations)) {
    return { verdict: 'vacuous', reason: 'no operation says anything about the state' };
  }
  const open: KeyCheck[] = [];
  for (const part of partition(model, operations)) {
    const check = new KeyCheck(model, part);
    if (check.violation !== null) return violated(check.violation);
    if (!check.isDone) open.push(check);
  }
  return dovetail(open, steps);
}

/** Whether the operations of one object are linearizable; null when the steps did not suffice. */
export function isLinearizable(
  model: Model,
  operations: readonly Operation[],
  steps: number,
): boolean | null {
  const check = judge(model, operations, steps);
  if (check.violation !== null) return false;
  return check.isDone ? true : null;
}

/** Why the operations of one object are not linearizable; null when they are, or the steps did not suffice. */
export function violationOf(model: Model, operations: readonly Operation[], steps: number): Violation | null {
  return judge(model, operations, steps).violation;
}

function judge(model: Model, operations: readonly Operation[], steps: number): KeyCheck {
  const check = new KeyCheck(model, operations);
  if (!check.isDone) check.run(steps);
  return check;
}

/** The operations object by object. Where items of a set are only asked for one by one, each item is an object. */
export function partition(model: Model, operations: readonly Operation[]): Operation[][] {
  const parts = [...byKey(operations).values()];
  if (model !== 'set') return parts;
  return parts.flatMap((part) => {
    if (part.some(({ kind }) => kind === 'read')) return [part];
    return [...groupBy(part, ({ value }) => textOf(value)).values()];
  });
}

/** Whether anything at all depends on what came before it. */
function isTested(operations: readonly Operation[]): boolean {
  return operations.some(
    (operation) =>
      isCertain(operation) &&
      (isObserver(operation) ||
        ['cas', 'claim', 'take', 'acquire', 'release', 'transfer'].includes(operation.kind) ||
        (operation.kind === 'increment' && typeof operation.out === 'number') ||
        (operation.kind === 'remove' && typeof operation.out === 'boolean')),
  );
}

/** Turns between the keys, each turn with twice the steps: a hard key does not hide an easy answer of another. */
function dovetail(checks: readonly KeyCheck[], steps: number): Finding {
  let open = checks;
  let left = steps;
  for (let turn = 1000; open.length > 0; turn *= 2) {
    for (const check of open) {
      left -= check.run(Math.min(turn, left));
      if (check.violation !== null) return violated(check.violation);
    }
    open = open.filter(({ isDone, isExhausted }) => !isDone && !isExhausted);
    if (left <= 0 && open.length > 0) break;
  }
  const undecided = checks.filter(({ isDone }) => !isDone);
  if (undecided.length === 0) return { verdict: 'ok', reason: 'an order was found for every key' };
  const keys = undecided.map(({ key }) => key).join(', ');
  return { verdict: 'unknown', reason: `undecided within ${steps} steps: key ${keys}` };
}

function violated(violation: Violation): Finding {
  return { verdict: 'violated', reason: `no order explains key ${violation.key}`, violation };
}

/** The check of one object: by the polynomial algorithm where it applies, by search otherwise. */
class KeyCheck {
  readonly key: string;
  readonly #model: Model;
  readonly #operations: readonly Operation[];
  #search: Search | null = null;
  #violation: Violation | null = null;
  #isDone = true;

  constructor(model: Model, operations: readonly Operation[]) {
    this.#model = model;
    this.#operations = operations;
    this.key = operations[0]?.key ?? '';
    if (this.#decide(model) || followHint(model, operations)) return;
    this.#isDone = false;
    const isRegister = (model === 'register' || model === 'kv') && !isText(model, operations);
    const searched = isRegister ? withoutUselessWrites(operations) : operations;
    this.#search = new Search(searched, machineFor(model, searched));
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  get isExhausted(): boolean {
    return this.#search?.isExhausted ?? false;
  }

  get violation(): Violation | null {
    return this.#violation;
  }

  /** Searches on, and returns how many steps it took. */
  run(steps: number): number {
    const search = this.#search as Search;
    const before = search.steps;
    const verdict = search.run(steps);
    if (verdict === 'violated') this.#violate(this.#operations, null);
    this.#isDone = verdict !== null;
    return search.steps - before;
  }

  #decide(model: Model): boolean {
    if (model === 'bank') return this.#decideAccounts();
    if (model !== 'register' && model !== 'kv' && model !== 'append') return false;
    if (isText(model, this.#operations)) {
      const verdict = decideText(this.#operations);
      if (verdict.kind === 'violated') this.#violate(verdict.evidence, null);
      return verdict.kind !== 'undecided';
    }
    const verdict = decideRegister(this.#operations);
    if (verdict.kind === 'violated') this.#violate(verdict.certificate.operations, verdict.certificate);
    return verdict.kind !== 'undecided';
  }

  #decideAccounts(): boolean {
    for (const account of accountsOf(this.#operations)) {
      const violation = violationOf('counter', account, ACCOUNT_STEPS);
      if (violation === null) continue;
      const lines = new Set(account.map(({ at }) => at));
      this.#violate(
        this.#operations.filter(({ at }) => lines.has(at)),
        null,
        violation,
      );
      return true;
    }
    return false;
  }

  #violate(
    suspects: readonly Operation[],
    certificate: Certificate | null,
    account: Violation | null = null,
  ): void {
    const { key } = this;
    this.#violation = { model: this.#model, key, part: this.#operations, suspects, account, certificate };
  }
}
