import { keysOf } from '../base/table.ts';
import type { Json } from '../base/json.ts';
import type { Anomaly } from './anomaly.ts';
import { byCall, groupBy, isCertain, textOf, type Operation } from './history.ts';
import type { Transfer } from './models/bank.ts';
import { deed, nameOf, seconds, show } from './story.ts';

/** Two clients that surely held the lock at one time. */
export function twoHolders(part: readonly Operation[]): Anomaly[] {
  const holds = part.flatMap((acquire) => {
    if (acquire.kind !== 'acquire' || acquire.out === false || !isCertain(acquire)) return [];
    const release = part.find(
      (each) =>
        each.kind === 'release' &&
        each.out !== false &&
        each.client === acquire.client &&
        each.call >= acquire.ret,
    );
    return [{ acquire, from: acquire.ret, until: release?.call ?? Infinity }];
  });
  holds.sort((a, b) => a.from - b.from);
  return holds.flatMap(({ acquire, from }, index): Anomaly[] => {
    const other = holds
      .slice(0, index)
      .find((hold) => hold.until > from && hold.acquire.client !== acquire.client);
    if (other === undefined) return [];
    const story = `${deed(acquire)}, while ${nameOf(other.acquire)} held it since ${seconds(other.from)}.`;
    return [{ kind: 'two lock holders', operations: [other.acquire, acquire], story }];
  });
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

/** What can be wrong with a count: more sold than there was, changes that got lost, and some that count twice. */
export function countAnomalies(part: readonly Operation[]): Anomaly[] {
  return [...soldTooMuch(part), ...belowZero(part), ...lostChanges(part), ...wrongCounts(part)];
}

/** A stock of which more was sold, by what the buyers were told, than there ever was. */
function soldTooMuch(part: readonly Operation[]): Anomaly[] {
  const stocked = part.filter(({ kind }) => kind === 'write');
  if (stocked.length === 0) return [];
  const had = stocked.reduce((sum, { value }) => sum + (value as number), 0);
  const sales: Operation[] = [];
  let sold = 0;
  for (const sale of part.filter((each) => each.kind === 'take' && isCertain(each))) {
    sales.push(sale);
    sold += sale.value as number;
    if (sold > had && !part.some(({ kind }) => kind === 'increment')) {
      const story = `${deed(sale)}: ${sold} were sold, and there were never more than ${had}.`;
      return [{ kind: 'oversold stock', operations: [...stocked, ...sales], story }];
    }
  }
  return [];
}

/** A counter of what is left in stock that was read below zero. */
function belowZero(part: readonly Operation[]): Anomaly[] {
  const below = part.find(({ kind, out }) => kind !== 'release' && typeof out === 'number' && out < 0);
  if (below === undefined) return [];
  const sales = part.filter(
    ({ kind, value, call }) => kind === 'increment' && (value as number) < 0 && call <= below.ret,
  );
  const story = `${deed(below)}: ${-(below.out as number)} more were sold than there were.`;
  return [{ kind: 'oversold stock', operations: [...new Set([...sales, below])], story }];
}

/** Two changes, all going the same way, that both made the count the same. */
function lostChanges(part: readonly Operation[]): Anomaly[] {
  if (wayOf(part) === 0) return [];
  const changes = part.filter((each) => isChange(each) && isCertain(each) && typeof each.out === 'number');
  return [...groupBy(changes, ({ out }) => textOf(out)).values()].flatMap(([first, ...others]) =>
    others.flatMap((other): Anomaly[] => {
      if (first === undefined) return [];
      const story = `${deed(first)}, and ${deed(other)}: both made it the same, and one of the two is lost.`;
      return [{ kind: 'lost update', operations: byCall([first, other]), story }];
    }),
  );
}

/** A read of fewer changes than had been acknowledged before it, or of more than there can have been. */
function wrongCounts(part: readonly Operation[]): Anomaly[] {
  const way = wayOf(part);
  const isKnown = way === 1 || part.some(({ kind }) => kind === 'write');
  if (way === 0 || !isKnown) return [];
  const start = part.reduce((sum, { kind, value }) => (kind === 'write' ? sum + (value as number) : sum), 0);
  const changes = part.filter(isChange);
  const returned = sumsUpTo(changes, ({ ret }) => ret);
  const called = sumsUpTo(changes, ({ call }) => call);
  return part.flatMap((read): Anomaly[] => {
    if (read.kind !== 'read' || (read.out !== null && typeof read.out !== 'number')) return [];
    const shown = way * ((read.out ?? 0) - start);
    if (shown >= returned(read.call, false) && shown <= called(read.ret, true)) return [];
    const before = changes.filter(({ ret }) => ret < read.call);
    const possible = changes.filter(({ call }) => call <= read.ret);
    const last = before.at(-1);
    if (last !== undefined && shown < sum(before)) {
      const story = `${deed(read)}, though changes by ${sum(before)} had been acknowledged, the last ${nameOf(last)}’s at ${seconds(last.ret)}.`;
      return [{ kind: 'stale read', operations: byCall([last, read]), story }];
    }
    if (shown <= sum(possible)) return [];
    const story = `${deed(read)}, though there had been changes by ${sum(possible)} only.`;
    return [{ kind: 'done twice', operations: byCall([...possible.slice(-1), read]), story }];
  });
}

/** The sum of the changes before a time, and of those at it if that is `isIncluded`. */
function sumsUpTo(
  changes: readonly Operation[],
  timeOf: (change: Operation) => number,
): (time: number, isIncluded: boolean) => number {
  const sorted = changes.filter((change) => timeOf(change) < Infinity).sort((a, b) => timeOf(a) - timeOf(b));
  const sums = [0];
  for (const { value } of sorted) sums.push((sums.at(-1) ?? 0) + Math.abs(value as number));
  return (time, isIncluded) => {
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const at = timeOf(sorted[middle] as Operation);
      if (at < time || (isIncluded && at === time)) low = middle + 1;
      else high = middle;
    }
    return sums[low] ?? 0;
  };
}

function isChange({ kind }: Operation): boolean {
  return kind === 'increment' || kind === 'take';
}

function sum(changes: readonly Operation[]): number {
  return changes.reduce((total, { value }) => total + Math.abs(value as number), 0);
}

/** 1 when the count only grows, -1 when it only shrinks, after it was set once at most; 0 otherwise. */
function wayOf(part: readonly Operation[]): number {
  const changes = part.filter(isChange);
  const [first] = part;
  const isSetLate = part.some((each) => each.kind === 'write' && (each !== first || !(each.ret < 0)));
  if (isSetLate || changes.length === 0) return 0;
  if (changes.every(({ kind, value }) => kind === 'take' && (value as number) > 0)) return -1;
  return changes.every(({ kind, value }) => kind === 'increment' && (value as number) > 0) ? 1 : 0;
}

/** What can be wrong with a set or list: a read that lacks what was put there, or shows it more often than it was. */
export function itemAnomalies(part: readonly Operation[]): Anomaly[] {
  const puts = part.filter(({ kind }) => kind === 'add' || kind === 'append');
  // What was replaced as a whole says nothing of single items.
  if (part.some(({ kind }) => kind === 'write' || kind === 'cas')) return [];
  return part.flatMap((read) => {
    if (read.kind !== 'read') return [];
    const shown = groupItems(read.out);
    return [
      ...missing(read, shown, puts, part),
      ...resurrected(read, shown, part),
      ...repeated(read, shown, puts),
    ];
  });
}

function groupItems(out: Json): Map<string, number> {
  const counts = new Map<string, number>();
  if (!Array.isArray(out)) return counts;
  for (const item of (out as readonly Json[]).map(textOf)) counts.set(item, (counts.get(item) ?? 0) + 1);
  return counts;
}

function missing(
  read: Operation,
  shown: ReadonlyMap<string, number>,
  puts: readonly Operation[],
  part: readonly Operation[],
): Anomaly[] {
  if (read.out !== null && !Array.isArray(read.out)) return [];
  const expected = new Map<string, number>();
  for (const put of puts) {
    if (put.ret >= read.call) continue;
    const item = textOf(put.value);
    const count = put.kind === 'add' ? 1 : (expected.get(item) ?? 0) + 1;
    expected.set(item, count);
    if (count <= (shown.get(item) ?? 0)) continue;
    if (part.some((each) => each.kind === 'remove' && textOf(each.value) === item && each.call <= read.ret))
      continue;
    const story = `${nameOf(read)} read at ${seconds(read.ret)} and did not see ${show(put.line.value)}, which ${nameOf(put)} had put there by ${seconds(put.ret)}.`;
    return [{ kind: 'stale read', operations: byCall([put, read]), story }];
  }
  return [];
}

/** An item of a set that was taken out after whoever put it in had done so, and is back. */
function resurrected(
  read: Operation,
  shown: ReadonlyMap<string, number>,
  part: readonly Operation[],
): Anomaly[] {
  for (const item of shown.keys()) {
    const of = part.filter(({ value, kind }) => kind !== 'read' && textOf(value) === item);
    const gone = of.findLast(({ kind, out, ret }) => kind === 'remove' && out !== false && ret < read.call);
    const adds = of.filter(({ kind, call }) => kind === 'add' && call <= read.ret);
    if (gone === undefined || adds.some(({ ret }) => ret >= gone.call)) continue;
    const story = `${nameOf(read)} read at ${seconds(read.ret)} and saw ${show(gone.line.value)}, which ${nameOf(gone)} had removed by ${seconds(gone.ret)}.`;
    return [{ kind: 'resurrected delete', operations: byCall([...adds, gone, read]), story }];
  }
  return [];
}

function repeated(
  read: Operation,
  shown: ReadonlyMap<string, number>,
  puts: readonly Operation[],
): Anomaly[] {
  for (const [item, count] of shown) {
    if (count === 1) continue;
    const possible = puts.filter(({ value, call }) => textOf(value) === item && call <= read.ret);
    if (possible.length === 0 || count <= possible.length) continue;
    const story = `${nameOf(read)} read ${item} ${count} times at ${seconds(read.ret)}; it was sent ${possible.length === 1 ? 'once' : `${possible.length} times`}.`;
    return [{ kind: 'done twice', operations: byCall([...possible, read]), story }];
  }
  return [];
}

/** One item that was removed more often than it was added: a seat sold twice. */
export function twiceTaken(part: readonly Operation[]): Anomaly[] {
  const added = new Map<string, number>();
  for (const { kind, value } of part) {
    if (kind === 'add') added.set(textOf(value), (added.get(textOf(value)) ?? 0) + 1);
  }
  const taken = new Map<string, Operation[]>();
  return part.flatMap((remove): Anomaly[] => {
    if (remove.kind !== 'remove' || remove.out !== true || !isCertain(remove)) return [];
    const item = textOf(remove.value);
    const takers = [...(taken.get(item) ?? []), remove];
    taken.set(item, takers);
    if (takers.length <= (added.get(item) ?? 0)) return [];
    const story = `${takers.map(deed).join(', and ')}: the same one was taken ${takers.length} times.`;
    return [{ kind: 'oversold stock', operations: takers, story }];
  });
}
