import type { Consistency } from '../../../shared/checker/check.ts';
import type { HistoryLine } from '../../../shared/checker/history.ts';
import { closure, orders, subsets } from './enumeration.ts';
import { isUnknown } from './brute-force.ts';

/**
 * Whether a small history of unique values satisfies a weaker model, by trying every order there is: from the
 * definitions, and sharing nothing with the checker.
 */
export function satisfiesByForce(consistency: Consistency, lines: readonly HistoryLine[]): boolean {
  const took = lines
    .filter(
      ({ status, op, out }) =>
        status !== 'fail' &&
        !(op === 'read' && isUnknown({ status, ret: 0 } as HistoryLine)) &&
        !(op === 'cas' && out === false),
    )
    .sort((a, b) => a.call - b.call);
  const optional = took.filter(isUnknown);
  const certain = took.filter((line) => !isUnknown(line));
  // What is unknown may have happened or not.
  return subsets(optional).some((chosen) => {
    const present = took.filter((line) => certain.includes(line) || chosen.includes(line));
    return satisfies(consistency, present);
  });
}

function satisfies(consistency: Consistency, lines: readonly HistoryLine[]): boolean {
  const before = (a: HistoryLine, b: HistoryLine) =>
    a !== b && a.client === b.client && !isUnknown(a) && lines.indexOf(a) < lines.indexOf(b);
  if (lines.some((line) => reads(line) && seen(line) !== null && writerOf(lines, line) === undefined))
    return false;
  if (consistency === 'sequential') {
    return orders(lines, before).some((order) =>
      order.every((line, at) => !reads(line) || latest(order.slice(0, at), line) === seen(line)),
    );
  }
  if (consistency === 'causal' || consistency === 'causal-convergence') {
    const past = closure(lines, (a, b) => before(a, b) || (reads(b) && writerOf(lines, b) === a));
    if (lines.some((line) => past(line, line))) return false;
    const explains = (order: readonly HistoryLine[], reader: HistoryLine) =>
      latest(
        order.filter((line) => past(line, reader)),
        reader,
      ) === seen(reader);
    const readers = lines.filter(reads);
    if (consistency === 'causal-convergence') {
      return orders(lines, past).some((order) => readers.every((reader) => explains(order, reader)));
    }
    return readers.every((reader) => {
      const own = lines.filter((line) => past(line, reader));
      return orders(own, past).some((order) => explains(order, reader));
    });
  }
  if (consistency === 'bounded-staleness') return lines.every((line) => !reads(line) || isFresh(line, lines));
  if (consistency === 'eventual') return settles(lines);
  return [...new Set(lines.map(({ key }) => key))].every((key) => {
    const own = lines.filter((line) => line.key === key);
    const writes = own.filter(writesTo);
    return orders(writes, () => false).some((versions) => holds(consistency, own, versions, before));
  });
}

/** The bound, in milliseconds, for the models that have one. */
export const BOUND = 300;

/** Whether no write that overwrote what was read was acknowledged more than the bound before the read. */
function isFresh(reader: HistoryLine, lines: readonly HistoryLine[]): boolean {
  const source = writerOf(lines, reader);
  return lines.every((write) => {
    const isRival = writesTo(write) && write.key === reader.key && write !== source;
    return !isRival || !isBehind(source, write) || (write.ret as number) + BOUND >= reader.call;
  });
}

/** Whether a write, or the unwritten value, was surely overwritten by another. */
function isBehind(source: HistoryLine | undefined, write: HistoryLine): boolean {
  if (isUnknown(write)) return false;
  return source === undefined || (!isUnknown(source) && (source.ret as number) < write.call);
}

/** Whether it was answered, or somebody saw what it wrote who took place. */
function tookPlace(
  line: HistoryLine,
  own: readonly HistoryLine[],
  asked: readonly HistoryLine[] = [],
): boolean {
  if (!isUnknown(line)) return true;
  if (asked.includes(line)) return false;
  return own.some(
    (reader) => reads(reader) && writerOf(own, reader) === line && tookPlace(reader, own, [...asked, line]),
  );
}

/** Whether what was read of a key after all was quiet for so long is the same, and not surely overwritten. */
function settles(lines: readonly HistoryLine[]): boolean {
  return lines.every((one) => {
    const own = lines.filter(({ key }) => key === one.key);
    const writes = own.filter((line) => writesTo(line) && tookPlace(line, own));
    const isLate = (line: HistoryLine) =>
      line.op === 'read' && writes.every((write) => (write.ret ?? write.call) + BOUND < line.call);
    if (!isLate(one)) return true;
    const source = writerOf(own, one);
    if (writes.some((write) => write !== source && isBehind(source, write))) return false;
    return own.every((other) => !isLate(other) || seen(other) === seen(one));
  });
}

/** Whether a guarantee holds when the versions of a key follow each other like this. */
function holds(
  guarantee: Consistency,
  lines: readonly HistoryLine[],
  versions: readonly HistoryLine[],
  before: (a: HistoryLine, b: HistoryLine) => boolean,
): boolean {
  const place = (line: HistoryLine | undefined) => (line === undefined ? -1 : versions.indexOf(line));
  const readAt = (line: HistoryLine) => place(writerOf(lines, line));
  if (lines.some((line) => line.op === 'cas' && readAt(line) >= place(line))) return false;
  return lines.every((a) =>
    lines.every((b) => {
      if (!before(a, b)) return true;
      const monotonic = !(reads(a) && reads(b)) || readAt(a) <= readAt(b);
      switch (guarantee) {
        case 'read-your-writes':
          return !(writesTo(a) && reads(b)) || place(a) <= readAt(b);
        case 'monotonic-reads':
          return monotonic;
        case 'monotonic-writes':
          return monotonic && (!(writesTo(a) && writesTo(b)) || place(a) < place(b));
        default:
          return monotonic && (!(reads(a) && writesTo(b)) || readAt(a) < place(b));
      }
    }),
  );
}

const reads = ({ op }: HistoryLine): boolean => op === 'read' || op === 'cas';
const writesTo = ({ op }: HistoryLine): boolean => op === 'write' || op === 'cas';
const written = ({ op, value }: HistoryLine): unknown => (op === 'cas' ? (value as unknown[])[1] : value);
const seen = ({ op, value, out }: HistoryLine): unknown => (op === 'cas' ? (value as unknown[])[0] : out);

function writerOf(lines: readonly HistoryLine[], reader: HistoryLine): HistoryLine | undefined {
  return lines.find((line) => writesTo(line) && line.key === reader.key && written(line) === seen(reader));
}

/** The value under the reader's key after an order. */
function latest(order: readonly HistoryLine[], reader: HistoryLine): unknown {
  const last = order.findLast((line) => writesTo(line) && line.key === reader.key);
  return last === undefined ? null : written(last);
}
