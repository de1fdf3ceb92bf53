import { keysOf, lookUp, type Table } from '../../base/table.ts';
import { byClient, byKey, isCertain, type History, type Model, type Operation } from '../history.ts';
import type { Transfer } from '../models/bank.ts';

/** What an operation was told of an account: how much was in it, without its own change. */
export type Look = {
  readonly account: string;
  readonly kind: 'is' | 'at least' | 'less than';
  readonly amount: number;
};

/** By account, how much a change adds. */
export type Change = ReadonlyMap<string, number>;

/**
 * What a history of a counter or a bank says without its clock: sums, each of the changes that whoever answered knew
 * of. Which these were it does not tell, so that a model is kept when some choice of them keeps it.
 */
export type Tally = {
  /** What was in an account before any change. */
  readonly start: (account: string) => number;
  /** All changes that took place or may have, by call. */
  readonly changes: ReadonlyMap<Operation, Change>;
  readonly looks: ReadonlyMap<Operation, readonly Look[]>;
  /** The operations whose client and times count, by client. */
  readonly sessions: readonly (readonly Operation[])[];
};

export type TalliesFound =
  | { readonly kind: 'known'; readonly tallies: readonly Tally[] }
  | { readonly kind: 'undecided'; readonly reason: string };

/** Every model asks for the same. */
const found = new WeakMap<History, TalliesFound>();

/** The counters of a history, or its bank; none of other objects. */
export function talliesOf(history: History): TalliesFound {
  const known = found.get(history) ?? findTallies(history);
  found.set(history, known);
  return known;
}

function findTallies({ model, operations }: History): TalliesFound {
  if (model !== 'counter' && model !== 'bank') return { kind: 'known', tallies: [] };
  const tallies: Tally[] = [];
  for (const [key, part] of byKey(operations)) {
    const tally = model === 'counter' ? counter(part) : bank(part);
    if (tally !== null && !isWhole(tally))
      return { kind: 'undecided', reason: 'amounts are no whole numbers' };
    if (tally === null) {
      const what = model === 'counter' ? `the counter ${key} was also set` : 'accounts were also opened';
      return { kind: 'undecided', reason: `${what} while it was in use` };
    }
    tallies.push(tally);
  }
  return { kind: 'known', tallies };
}

/** The same, with all forgotten but some operations, and that there were changes. */
export function onlyTally({ start, changes, looks, sessions }: Tally, kept: ReadonlySet<Operation>): Tally {
  return {
    start,
    changes,
    looks: new Map([...looks].filter(([look]) => kept.has(look))),
    sessions: sessions.map((session) => session.filter((each) => kept.has(each))),
  };
}

/**
 * What was there before anything was done: the operations that opened accounts or set a counter, when all of them were
 * over before any other began. Null when some were not.
 */
export function openingsOf(model: Model, part: readonly Operation[]): readonly Operation[] | null {
  const kind = model === 'bank' ? 'open' : model === 'counter' ? 'write' : null;
  const openings = part.filter((each) => each.kind === kind);
  const rest = part.filter((each) => each.kind !== kind);
  return openings.every(({ ret }) => rest.every(({ call }) => ret < call)) ? openings : null;
}

/** The one account of a counter. */
const COUNT = '';
/** What no sum is: a read of several values, which no counter or account has. */
const NEVER = Infinity;

/** Null when it was set after the beginning. */
function counter(part: readonly Operation[]): Tally | null {
  const sets = openingsOf('counter', part);
  const rest = part.filter(({ kind }) => kind !== 'write');
  if (sets === null || sets.length > 1) return null;
  const start = (sets[0]?.value ?? 0) as number;
  return tallyOf(rest, () => start, changeOfCount, looksAtCount);
}

function changeOfCount({ kind, value }: Operation): Change | null {
  if (kind === 'read') return null;
  return new Map([[COUNT, kind === 'take' ? -(value as number) : (value as number)]]);
}

function looksAtCount({ kind, value, out }: Operation): Look[] {
  const is = (amount: number): Look => ({ account: COUNT, kind: 'is', amount });
  if (kind === 'read') return [is(numberOf(out ?? 0))];
  const by = (kind === 'take' ? -1 : 1) * (value as number);
  const told = typeof out === 'number' ? [is(out - by)] : [];
  return kind === 'take' ? [{ account: COUNT, kind: 'at least', amount: -by }, ...told] : told;
}

/** Null when somebody opened accounts after the beginning, or nobody said what was in them. */
function bank(part: readonly Operation[]): Tally | null {
  const openings = openingsOf('bank', part) ?? [];
  const rest = part.filter(({ kind }) => kind !== 'open');
  if (openings.length === 0) return null;
  const balances = new Map<string, number>();
  for (const { value } of openings) {
    for (const name of keysOf(value as Table<number>)) {
      if (balances.has(name)) return null;
      balances.set(name, lookUp(value as Table<number>, name) ?? 0);
    }
  }
  return tallyOf(rest, (account) => balances.get(account) ?? 0, changeOfBalances, looksAtBalances);
}

function changeOfBalances({ kind, value, out }: Operation): Change | null {
  if (kind !== 'transfer' || out === false) return null;
  const { from, to, amount } = value as Transfer;
  if (String(from) === String(to)) return new Map();
  return new Map([
    [String(from), -amount],
    [String(to), amount],
  ]);
}

function looksAtBalances({ kind, value, out }: Operation): Look[] {
  if (kind === 'read') {
    const shown = out as Table<number>;
    return keysOf(shown).map((account) => {
      return { account, kind: 'is', amount: numberOf(lookUp(shown, account) ?? 0) };
    });
  }
  const { from, amount } = value as Transfer;
  return [{ account: String(from), kind: out === false ? 'less than' : 'at least', amount }];
}

function tallyOf(
  operations: readonly Operation[],
  start: Tally['start'],
  changeOf: (operation: Operation) => Change | null,
  looksAt: (operation: Operation) => readonly Look[],
): Tally {
  const changes = new Map<Operation, Change>();
  const looks = new Map<Operation, readonly Look[]>();
  for (const operation of operations) {
    const change = changeOf(operation);
    if (change !== null) changes.set(operation, change);
    const told = isCertain(operation) ? looksAt(operation) : [];
    if (told.length > 0) looks.set(operation, told);
  }
  return { start, changes, looks, sessions: [...byClient(operations).values()] };
}

function isWhole({ changes, looks }: Tally): boolean {
  const looked = [...looks.values()].flat().map(({ amount }) => amount);
  const changed = [...changes.values()].flatMap((change) => [...change.values()]);
  return [...looked, ...changed].every((amount) => amount === NEVER || Number.isSafeInteger(amount));
}

function numberOf(value: Operation['out']): number {
  return typeof value === 'number' ? value : NEVER;
}
