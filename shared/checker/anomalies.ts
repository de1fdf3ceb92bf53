import type { Json } from '../base/json.ts';
import type { Anomaly, AnomalyKind } from './anomaly.ts';
import { countAnomalies } from './anomalies-of-counts.ts';
import { itemAnomalies, twiceTaken } from './anomalies-of-items.ts';
import { twoHolders } from './anomalies-of-locks.ts';
import { doubleSpends, moneyMadeOrLost } from './anomalies-of-money.ts';
import { byCall, byKey, isCertain, isObserver, textOf, type History, type Operation } from './history.ts';
import { isText } from './models/index.ts';
import { valueSeenBy, valueShown, valueWritten } from './models/register.ts';
import { Overwrites } from './overwrites.ts';
import { isWrite } from './sources.ts';
import { deed, nameOf, seconds, show } from './story.ts';

/** How many of each kind are named: the first ones say enough. */
const MOST_OF_A_KIND = 20;

/** Finds the anomalies of a history by their definitions, in the order of the keys and of time; `most` of each kind. */
export function anomaliesOf(history: History, most = MOST_OF_A_KIND): Anomaly[] {
  const found = [...byKey(history.operations)].flatMap(([key, part]) => {
    switch (history.model) {
      case 'lock':
        return twoHolders(part);
      case 'bank':
        return [...doubleSpends(part), ...moneyMadeOrLost(part)];
      case 'counter':
        return [...countAnomalies(part), ...divergedReplicas(part)];
      case 'set':
        return [...itemAnomalies(part), ...twiceTaken(part), ...divergedReplicas(part)];
      default:
        if (isText(history.model, part)) return [...itemAnomalies(part), ...divergedReplicas(part)];
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
    ...doubleClaims(part),
    ...reads.flatMap((read) => dirtyRead(read, writers, failed)),
    ...divergedReplicas(part),
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
  const isDeleted = valueShown(newer) === null;
  const what = isDeleted ? 'deletion' : `write of ${show(valueShown(newer))}`;
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
    if (cas.line.op !== 'cas' || cas.out === false || !isCertain(cas)) return [];
    const value = valueSeenBy(cas)[0] ?? '';
    const other = replaced.get(value);
    replaced.set(value, cas);
    const times = (makers.get(value) ?? 0) + (value === 'null' ? 1 : 0);
    if (other === undefined || times > 1) return [];
    const story = `${deed(other)}, and ${deed(cas)}: both replaced the same value, and one update is lost.`;
    return [{ kind: 'lost update', operations: [other, cas], story }];
  });
}

/** One that is taken already was given to somebody else, and nobody had given it back. */
function doubleClaims(part: readonly Operation[]): Anomaly[] {
  const claims = part.filter((each) => isClaim(each) && isCertain(each)).sort((a, b) => a.ret - b.ret);
  const ends = part.filter((each) => isWrite(each) && !isClaim(each));
  const holds = claims.map((claim) => {
    const end = ends.find(({ ret }) => ret >= claim.call);
    return { claim, until: end?.call ?? Infinity };
  });
  return holds.flatMap(({ claim }, index): Anomaly[] => {
    const other = holds
      .slice(0, index)
      .find((hold) => hold.until > claim.ret && textOf(hold.claim.line.value) !== textOf(claim.line.value));
    if (other === undefined) return [];
    const isLock = claim.line.op === 'hold';
    const story = `${deed(claim)}, while ${nameOf(other.claim)} had it for ${show(other.claim.line.value)} since ${seconds(other.claim.ret)}.`;
    return [
      { kind: isLock ? 'two lock holders' : 'double booking', operations: [other.claim, claim], story },
    ];
  });
}

function isClaim({ line: { op } }: Operation): boolean {
  return op === 'reserve' || op === 'hold';
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

/** After the last change, with nothing going on any more, two reads of different values. */
function divergedReplicas(part: readonly Operation[]): Anomaly[] {
  const writes = part.filter((each) => !isObserver(each));
  const last = writes.reduce(
    (time, { ret, call }) => Math.max(time, ret === Infinity ? call : ret),
    -Infinity,
  );
  const late = part.filter(({ kind, call }) => kind === 'read' && call > last);
  const [first] = late;
  // A write without an answer may still come true between two reads.
  if (first === undefined || writes.some((write) => !isCertain(write))) return [];
  const other = late.find((read) => textOf(inOrder(read, part)) !== textOf(inOrder(first, part)));
  if (other === undefined) return [];
  const story = `Nobody wrote after ${seconds(last)}, and yet ${deed(first)} and ${deed(other)}.`;
  return [{ kind: 'diverged replicas', operations: [first, other], story }];
}

/** What was read; the items of a set in one order. */
function inOrder({ out }: Operation, part: readonly Operation[]): Json {
  const isSet = part.some(({ kind }) => kind === 'add');
  return isSet && Array.isArray(out) ? (out as readonly Json[]).map(textOf).sort() : out;
}
