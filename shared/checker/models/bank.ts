import { canonical } from '../../base/json.ts';
import { keysOf, lookUp, type Table } from '../../base/table.ts';
import type { Operation } from '../history.ts';
import { tabulate, type Machine } from './machine.ts';

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
  const first = operations.some(({ kind }) => kind === 'open') ? 0 : null;
  const untouched: Account = { first, moved: 0, lowest: 0, below: null };
  return tabulate<Accounts>(operations, {
    start: {},
    textOf: canonical,
    apply(accounts, { kind, value, out }) {
      if (kind === 'open') return open(accounts, value as Table<number>);
      if (kind === 'read') return read(accounts, out as Table<number>, untouched);
      return transfer(accounts, value as Transfer, out !== false, untouched);
    },
  });
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

function open(accounts: Accounts, balances: Table<number>): Accounts | null {
  const next = { ...accounts };
  for (const name of keysOf(balances)) {
    const first = balances[name] ?? 0;
    if (first < 0) return null;
    next[name] = { first, moved: 0, lowest: 0, below: null };
  }
  return next;
}

function read(accounts: Accounts, balances: Table<number>, untouched: Account): Accounts | null {
  let next = accounts;
  for (const name of keysOf(balances)) {
    const account = lookUp(next, name) ?? untouched;
    const first = (balances[name] ?? 0) - account.moved;
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
