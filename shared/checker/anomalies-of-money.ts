import { keysOf, lookUp, type Table } from '../base/table.ts';
import type { Anomaly } from './anomaly.ts';
import { byCall, groupBy, isCertain, type Operation } from './history.ts';
import type { Transfer } from './models/bank.ts';
import { deed } from './story.ts';

/**
 * Money made or lost: while no transfer was under way, reads that together show every account add up to another sum
 * than the accounts were opened with. Says nothing of a bank in which an account was opened twice, or none was.
 */
export function moneyMadeOrLost(part: readonly Operation[]): Anomaly[] {
  const openings = part.filter(({ kind }) => kind === 'open');
  const opened = openings.flatMap(({ value }) => keysOf(value as Table<number>));
  if (opened.length === 0 || new Set(opened).size < opened.length) return [];
  const had = openings.reduce((sum, { value }) => sum + totalOf(value as Table<number>), 0);
  const changes = part.filter(({ kind, out }) => kind === 'open' || (kind === 'transfer' && out !== false));
  const accounts = new Set([...opened, ...changes.flatMap(accountsMoved)]);
  const quiet = part.filter(
    (each) => each.kind === 'read' && !changes.some((other) => overlaps(each, other)),
  );
  const periods = groupBy(quiet, ({ call }) => String(changes.filter(({ ret }) => ret < call).length));
  return [...periods.values()].flatMap((reads): Anomaly[] => {
    const balances = new Map<string, number>();
    const showing = new Set<Operation>();
    for (const read of reads) {
      const shown = read.out as Table<number>;
      for (const name of keysOf(shown)) {
        const balance = lookUp(shown, name);
        // Several values side by side are no balance.
        if (typeof balance !== 'number' || balances.has(name)) continue;
        balances.set(name, balance);
        showing.add(read);
      }
    }
    const total = [...balances.values()].reduce((sum, balance) => sum + balance, 0);
    if (total === had || [...accounts].some((name) => !balances.has(name))) return [];
    const story = `${[...showing].map(deed).join(', and ')}: together ${total}, where there were ${had} and no transfer was under way.`;
    return [{ kind: 'money made or lost', operations: byCall([...openings, ...showing]), story }];
  });
}

function totalOf(balances: Table<number>): number {
  return keysOf(balances).reduce((sum, name) => sum + (lookUp(balances, name) ?? 0), 0);
}

function accountsMoved({ kind, value }: Operation): string[] {
  if (kind !== 'transfer') return [];
  const { from, to } = value as Transfer;
  return [String(from), String(to)];
}

/** Whether neither was over before the other began. */
function overlaps(a: Operation, b: Operation): boolean {
  return a.call <= b.ret && b.call <= a.ret;
}

/** Transfers that together paid out more than an account ever had. */
export function doubleSpends(part: readonly Operation[]): Anomaly[] {
  const opening = part.find(({ kind }) => kind === 'open');
  if (opening === undefined) return [];
  const funds = new Map<string, number>();
  for (const each of part) {
    if (each.kind !== 'open') continue;
    for (const [name, amount] of balancesOf(each)) funds.set(name, (funds.get(name) ?? 0) + amount);
  }
  const transfers = part.filter(({ kind, out }) => kind === 'transfer' && out !== false);
  for (const transfer of transfers) {
    const { to, amount } = transfer.value as Transfer;
    funds.set(String(to), (funds.get(String(to)) ?? 0) + amount);
  }
  const spent = new Map<string, Operation[]>();
  return transfers.filter(isCertain).flatMap((transfer): Anomaly[] => {
    const account = String((transfer.value as Transfer).from);
    const spends = [...(spent.get(account) ?? []), transfer];
    spent.set(account, spends);
    const total = spends.reduce((sum, { value }) => sum + (value as Transfer).amount, 0);
    const had = funds.get(account) ?? 0;
    if (total <= had) return [];
    const story = `${deed(transfer)}: ${total} was paid out of account ${account}, which never had more than ${had}.`;
    return [{ kind: 'double spend', operations: [opening, ...spends], story }];
  });
}

function balancesOf({ value }: Operation): [string, number][] {
  const table = value as { readonly [name: string]: number };
  return keysOf(table).map((name) => [name, table[name] ?? 0]);
}
