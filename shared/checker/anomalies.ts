import { keysOf } from '../base/table.ts';
import { byCall, byKey, isCertain, textOf, type History, type Operation } from './history.ts';
import type { Transfer } from './models/bank.ts';
import { valueSeenBy, valueWritten } from './models/register.ts';
import { Overwrites } from './overwrites.ts';
import { isWrite } from './sources.ts';
import { deed, nameOf, seconds, show } from './story.ts';

/** What people call the things that go wrong. */
export type AnomalyKind =
  | 'stale read'
  | 'lost acknowledged write'
  | 'lost update'
  | 'dirty read'
  | 'double spend'
  | 'oversold stock'
  | 'two lock holders'
  | 'resurrected delete'
  | 'diverged replicas';

/** Something that went wrong, with the operations that show it, and what happened in a sentence. */
export type Anomaly = {
  readonly kind: AnomalyKind;
  readonly operations: readonly Operation[];
  readonly story: string;
};

/** How many of each kind are named: the first ones say enough. */
const MOST_OF_A_KIND = 20;

/** Finds the anomalies of a history by their definitions, in the order of the keys and of time; `most` of each kind. */
export function anomaliesOf(history: History, most = MOST_OF_A_KIND): Anomaly[] {
  const found = [...byKey(history.operations)].flatMap(([key, part]) => {
    switch (history.model) {
      case 'lock':
        return twoHolders(part);
      case 'bank':
        return doubleSpends(part);
      case 'counter':
        return oversoldStock(part);
      case 'set':
        return twiceTaken(part);
      default:
        return registerAnomalies(
          part,
          history.failed.filter((each) => each.key === key),
        );
    }
  });
  const counts = new Map<AnomalyKind, number>();
  return found.filter(({ kind }) => {
    const count = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, count);
    return count <= most;
  });
}

function registerAnomalies(part: readonly Operation[], failed: readonly Operation[]): Anomaly[] {
  const writes = part.filter((each) => isWrite(each));
  const writers = new Map<string, Operation[]>();
  for (const write of writes) {
    const value = textOf(valueWritten(write));
    writers.set(value, [...(writers.get(value) ?? []), write]);
  }
  const overwrites = new Overwrites(writes);
  const reads = part.filter(({ kind }) => kind === 'read');
  return [
    ...reads.flatMap((read) => staleRead(read, overwrites, writers)),
    ...lostWrites(writes, reads, writers),
    ...lostUpdates(part),
    ...reads.flatMap((read) => dirtyRead(read, writers, failed)),
    ...divergedReplicas(writes, reads),
  ];
}

/** A read of what was overwritten before it began; of what was deleted, when the newer write is a delete. */
function staleRead(
  read: Operation,
  overwrites: Overwrites,
  writers: ReadonlyMap<string, readonly Operation[]>,
): Anomaly[] {
  const value = valueSeenBy(read)[0] ?? '';
  const sources = writers.get(value) ?? [];
  if (sources.length === 0 && value !== 'null') return [];
  const newer = overwrites.latestBefore(read.call);
  if (newer === undefined || !sources.every(({ ret }) => ret < newer.call)) return [];
  if (textOf(valueWritten(newer)) === value) return [];
  const isDeleted = valueWritten(newer) === null;
  const what = isDeleted ? 'deletion' : `write of ${show(valueWritten(newer))}`;
  const story = `${deed(read)}, after the ${what} by ${nameOf(newer)} was acknowledged at ${seconds(newer.ret)}.`;
  const kind = isDeleted ? 'resurrected delete' : 'stale read';
  return [{ kind, operations: byCall([...sources, newer, read]), story }];
}

/** An acknowledged write that nobody saw, though the last read of all returned something older. */
function lostWrites(
  writes: readonly Operation[],
  reads: readonly Operation[],
  writers: ReadonlyMap<string, readonly Operation[]>,
): Anomaly[] {
  const last = reads.at(-1);
  if (last === undefined) return [];
  const value = valueSeenBy(last)[0] ?? '';
  const sources = writers.get(value) ?? [];
  const seen = new Set(
    reads.filter(({ call }) => call >= (sources[0]?.call ?? -Infinity)).flatMap(valueSeenBy),
  );
  return writes.flatMap((write): Anomaly[] => {
    const isAcknowledged = write.ret < last.call && sources.every(({ ret }) => ret < write.call);
    if (
      !isAcknowledged ||
      seen.has(textOf(valueWritten(write))) ||
      (sources.length === 0 && value !== 'null')
    )
      return [];
    const story = `${deed(write)} and was told so, but nobody ever read it: ${deed(last)}.`;
    return [{ kind: 'lost acknowledged write', operations: byCall([...sources, write, last]), story }];
  });
}

/** Two compare-and-sets that both replaced the same write. */
function lostUpdates(part: readonly Operation[]): Anomaly[] {
  const replaced = new Map<string, Operation>();
  const makers = new Map<string, number>();
  for (const each of part.filter(isWrite)) {
    const value = textOf(valueWritten(each));
    makers.set(value, (makers.get(value) ?? 0) + 1);
  }
  return part.flatMap((cas): Anomaly[] => {
    if (cas.kind !== 'cas' || cas.out === false || !isCertain(cas)) return [];
    const value = valueSeenBy(cas)[0] ?? '';
    const other = replaced.get(value);
    replaced.set(value, cas);
    const times = (makers.get(value) ?? 0) + (value === 'null' ? 1 : 0);
    if (other === undefined || times > 1) return [];
    const story = `${deed(other)}, and ${deed(cas)}: both replaced the same value, and one update is lost.`;
    return [{ kind: 'lost update', operations: [other, cas], story }];
  });
}

/** A read of what a write that failed would have written. */
function dirtyRead(
  read: Operation,
  writers: ReadonlyMap<string, readonly Operation[]>,
  failed: readonly Operation[],
): Anomaly[] {
  const value = valueSeenBy(read)[0] ?? '';
  if (writers.has(value) || read.out === null) return [];
  const source = failed.find(
    (each) => (each.kind === 'write' || each.kind === 'cas') && textOf(valueWritten(each)) === value,
  );
  if (source === undefined) return [];
  const story = `${deed(read)}, though the write of ${show(read.out)} by ${nameOf(source)} had failed.`;
  return [{ kind: 'dirty read', operations: byCall([source, read]), story }];
}

/** After the last write, with nothing going on any more, two reads of different values. */
function divergedReplicas(writes: readonly Operation[], reads: readonly Operation[]): Anomaly[] {
  const last = writes.reduce(
    (time, { ret, call }) => Math.max(time, ret === Infinity ? call : ret),
    -Infinity,
  );
  const late = reads.filter(({ call }) => call > last);
  const [first] = late;
  // A write without an answer may still come true between two reads.
  if (first === undefined || writes.some((write) => !isCertain(write))) return [];
  const other = late.find((read) => textOf(read.out) !== textOf(first.out));
  if (other === undefined) return [];
  const story = `Nobody wrote after ${seconds(last)}, and yet ${deed(first)} and ${deed(other)}.`;
  return [{ kind: 'diverged replicas', operations: [first, other], story }];
}

/** Two clients that surely held the lock at one time. */
function twoHolders(part: readonly Operation[]): Anomaly[] {
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
function doubleSpends(part: readonly Operation[]): Anomaly[] {
  const opening = part.find(({ kind }) => kind === 'open');
  if (opening === undefined) return [];
  const funds = new Map<string, number>();
  for (const [name, amount] of balancesOf(opening)) funds.set(name, amount);
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

/** A counter of what is left in stock that was read below zero. */
function oversoldStock(part: readonly Operation[]): Anomaly[] {
  const below = part.find(({ kind, out }) => kind !== 'release' && typeof out === 'number' && out < 0);
  if (below === undefined) return [];
  const sales = part.filter(
    ({ kind, value, call }) => kind === 'increment' && (value as number) < 0 && call <= below.ret,
  );
  const story = `${deed(below)}: ${-(below.out as number)} more were sold than there were.`;
  return [{ kind: 'oversold stock', operations: [...new Set([...sales, below])], story }];
}

/** One item that was removed more often than it was added: a seat sold twice. */
function twiceTaken(part: readonly Operation[]): Anomaly[] {
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
