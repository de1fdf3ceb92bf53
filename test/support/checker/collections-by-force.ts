import type { Consistency } from '../../../shared/checker/check.ts';
import type { HistoryLine } from '../../../shared/checker/history.ts';
import type { createChance } from '../runs.ts';
import { closure, orders, subsets } from './enumeration.ts';
import { BOUND } from './weak-by-force.ts';

/** Few clients that put items, each once, into a set or list, and look at it. */
export function collectionHistory(chance: ReturnType<typeof createChance>): HistoryLine[] {
  const isList = chance(2) === 0;
  const count = 3 + chance(4);
  const known: number[] = [];
  const times = Array.from({ length: count }, () => chance(30)).sort((a, b) => a - b);
  return times.flatMap((call, index): HistoryLine[] => {
    const status = chance(8) === 0 ? ('info' as const) : ('ok' as const);
    const ret = status === 'info' ? null : (call + chance(9)) * 100 + index;
    const base = { client: chance(3), key: 'x', call: call * 100 + index, ret, status };
    if (chance(2) === 0) {
      known.push(index);
      return [{ ...base, op: isList ? 'append' : 'add', value: index, out: null }];
    }
    const out = known.filter(() => chance(3) > 0);
    if (chance(4) === 0) out.reverse();
    return status === 'info' ? [] : [{ ...base, op: 'read', value: null, out }];
  });
}

/** Whether a history satisfies a model, by its definition and without any cleverness. */
export function collectionSatisfies(consistency: Consistency, lines: readonly HistoryLine[]): boolean {
  const seen = new Set(lines.filter(isRead).flatMap(itemsOf));
  const all = lines.filter((line) => line.ret !== null || seen.has(line.value as number));
  const isList = all.some(({ op }) => op === 'append');
  const inSession = (a: HistoryLine, b: HistoryLine) =>
    a.client === b.client && a.ret !== null && a.call < b.call;
  const puts = all.filter((line) => !isRead(line));
  const reads = all.filter(isRead);
  const shows = (read: HistoryLine, put: HistoryLine) => itemsOf(read).includes(put.value as number);
  const isOf = (read: HistoryLine, items: readonly HistoryLine[]) =>
    isList
      ? text(items) === itemsOf(read).join()
      : text(sorted(items)) === [...itemsOf(read)].sort((a, b) => a - b).join();
  const before = closure(all, (a, b) => inSession(a, b) || (isRead(b) && !isRead(a) && shows(b, a)));
  const isAcyclic = all.every((line) => !before(line, line));
  const pastOf = (read: HistoryLine) => puts.filter((put) => before(put, read));
  const lacks = (read: HistoryLine, put: HistoryLine) => !shows(read, put);
  const isBehind = (read: HistoryLine, early: HistoryLine, late: HistoryLine) =>
    isList && itemsOf(read).indexOf(early.value as number) > itemsOf(read).indexOf(late.value as number);
  switch (consistency) {
    case 'sequential':
      return orders(all, inSession).some((order) =>
        order.every(
          (read, at) =>
            !isRead(read) ||
            isOf(
              read,
              order.slice(0, at).filter((each) => !isRead(each)),
            ),
        ),
      );
    case 'causal':
      return (
        isAcyclic && reads.every((read) => orders(pastOf(read), before).some((order) => isOf(read, order)))
      );
    case 'causal-convergence':
      return (
        isAcyclic &&
        orders(puts, before).some((order) =>
          reads.every((read) =>
            isOf(
              read,
              order.filter((put) => before(put, read)),
            ),
          ),
        )
      );
    case 'read-your-writes':
      return reads.every((read) => puts.every((put) => !inSession(put, read) || shows(read, put)));
    case 'monotonic-reads':
      return reads.every((read) =>
        reads.every(
          (other) => !inSession(other, read) || puts.every((put) => lacks(other, put) || shows(read, put)),
        ),
      );
    case 'monotonic-writes':
      return reads.every((read) =>
        puts.every((late) => {
          const early = puts.filter((put) => inSession(put, late));
          return lacks(read, late) || early.every((put) => shows(read, put) && !isBehind(read, put, late));
        }),
      );
    case 'writes-follow-reads':
      return reads.every((read) =>
        puts.every((late) => {
          const early = puts.filter((put) =>
            reads.some((other) => inSession(other, late) && shows(other, put)),
          );
          return lacks(read, late) || early.every((put) => shows(read, put) && !isBehind(read, put, late));
        }),
      );
    case 'bounded-staleness':
      return reads.every((read) =>
        puts.every((put) => put.ret === null || put.ret + BOUND >= read.call || shows(read, put)),
      );
    case 'eventual': {
      const late = reads.filter((read) => puts.every((put) => (put.ret ?? put.call) + BOUND < read.call));
      return subsets(puts.filter(({ ret }) => ret === null)).some((unknown) => {
        const there = puts.filter((put) => put.ret !== null || unknown.includes(put));
        return orders(there, () => false).some((order) => late.every((read) => isOf(read, order)));
      });
    }
    default:
      throw new Error(`${consistency} is not a weaker model`);
  }
}

const isRead = ({ op }: HistoryLine): boolean => op === 'read';
const itemsOf = ({ out }: HistoryLine): number[] => out as number[];
const text = (puts: readonly HistoryLine[]): string => puts.map(({ value }) => Number(value)).join();
const sorted = (puts: readonly HistoryLine[]): HistoryLine[] =>
  [...puts].sort((a, b) => (a.value as number) - (b.value as number));
