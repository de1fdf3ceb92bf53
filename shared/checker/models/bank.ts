import { canonical } from '../../base/json.ts';
import { keysOf, lookUp, type Table } from '../../base/table.ts';
import type { Operation } from '../history.ts';
import { Numbering, tabulate, type Machine } from './machine.ts';

/**
 * What is known of an account: what was in it `first`, what came in since less what went out (`moved`), and the
 * lowest that this ever was. Histories often do not say what was in an account at first; it is null until a read
 * tells, and must be less than `below`, if that is known.
 */
type Account = {
  readonly first: number | null;
  readonly moved: number;
  readonly lowest: number;
  readonly below: number | null;
};

type Accounts = Table<Account>;

/**
 * A bank: `open` sets balances, `transfer` moves an amount and needs it to be there, `read` returns the balances of
 * all accounts or some. A transfer that returned false found too little money. Where nothing is opened, what was in
 * the accounts at first is unknown; where something is, all others were empty.
 */
export function bankMachine(operations: readonly Operation[]): Machine {
  if (operations.some(({ kind }) => kind === 'open')) return openedBank(operations);
  const untouched: Account = { first: null, moved: 0, lowest: 0, below: null };
  return tabulate<Accounts>(operations, {
    start: {},
    textOf: canonical,
    apply(accounts, { kind, value, out }) {
      if (kind === 'read') return read(accounts, out as Table<number>, untouched);
      return transfer(accounts, value as Transfer, out !== false, untouched);
    },
  });
}

/** A bank of which every balance is known: a state is the balances, in the order of the accounts' names. */
function openedBank(operations: readonly Operation[]): Machine {
  const names = new Numbering();
  for (const { kind, value, out } of operations) {
    const balances = kind === 'open' ? value : kind === 'read' && out !== null ? out : {};
    if (kind === 'transfer') {
      names.of(String((value as Transfer).from));
      names.of(String((value as Transfer).to));
    } else for (const name of keysOf(balances as Table<number>)) names.of(name);
  }
  return tabulate<readonly number[]>(operations, {
    start: Array.from({ length: names.size }, () => 0),
    textOf: (balances) => balances.join(),
    apply(balances, { kind, value, out }) {
      if (kind === 'transfer') return pay(balances, value as Transfer, out !== false, names);
      const told = (kind === 'open' ? value : out) as Table<number>;
      const next = [...balances];
      for (const name of keysOf(told)) next[names.of(name)] = told[name] ?? 0;
      if (kind === 'open') return next.some((balance) => balance < 0) ? null : next;
      return next.every((balance, account) => balance === balances[account]) ? balances : null;
    },
  });
}

function pay(
  balances: readonly number[],
  { from, to, amount }: Transfer,
  isDone: boolean,
  names: Numbering,
): readonly number[] | null {
  const [source, target] = [names.of(String(from)), names.of(String(to))];
  const isCovered = (balances[source] ?? 0) >= amount;
  if (!isDone) return isCovered ? null : balances;
  if (!isCovered) return null;
  const next = [...balances];
  next[source] = (next[source] ?? 0) - amount;
  next[target] = (next[target] ?? 0) + amount;
  return next;
}

export type Transfer = {
  readonly from: string | number;
  readonly to: string | number;
  readonly amount: number;
};

function transfer(
  accounts: Accounts,
  { from, to, amount }: Transfer,
  isDone: boolean,
  untouched: Account,
): Accounts | null {
  const [source, target] = [String(from), String(to)];
  if (!isDone) return fallShort(accounts, source, amount, untouched);
  const paid = move(accounts, source, -amount, untouched);
  return paid === null ? null : move(paid, target, amount, untouched);
}

function read(accounts: Accounts, balances: Table<number>, untouched: Account): Accounts | null {
  let next = accounts;
  for (const name of keysOf(balances)) {
    const account = lookUp(next, name) ?? untouched;
    const balance = balances[name] ?? 0;
    // Several values side by side are no balance.
    if (typeof balance !== 'number') return null;
    const first = balance - account.moved;
    if (account.first === first) continue;
    if (account.first !== null || !canBegin(account, first)) return null;
    next = { ...next, [name]: { ...account, first, below: null } };
  }
  return next;
}

function move(accounts: Accounts, name: string, amount: number, untouched: Account): Accounts | null {
  const account = lookUp(accounts, name) ?? untouched;
  const moved = account.moved + amount;
  const lowest = Math.min(account.lowest, moved);
  if (account.first === null ? !canBegin(account, -lowest) : account.first + moved < 0) return null;
  return { ...accounts, [name]: { ...account, moved, lowest } };
}

/** An account held less than an amount. */
function fallShort(accounts: Accounts, name: string, amount: number, untouched: Account): Accounts | null {
  const account = lookUp(accounts, name) ?? untouched;
  if (account.first !== null) return account.first + account.moved < amount ? accounts : null;
  const below = Math.min(account.below ?? Infinity, amount - account.moved);
  if (below === account.below) return accounts;
  if (!canBegin({ ...account, below }, -account.lowest)) return null;
  return { ...accounts, [name]: { ...account, below } };
}

/** Whether it can have held this at first and never less than nothing. */
function canBegin({ lowest, below }: Account, first: number): boolean {
  return first + lowest >= 0 && (below === null || first < below);
}
