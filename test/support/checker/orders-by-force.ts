import type { Consistency } from '../../../shared/checker/check.ts';
import type { HistoryLine, Model } from '../../../shared/checker/history.ts';
import type { Json } from '../../../shared/base/json.ts';
import type { Chance } from '../runs.ts';
import { after, isUnknown, startsOf } from './brute-force.ts';
import { closure, orders } from './enumeration.ts';
import { BOUND } from './weak-by-force.ts';

/** Whether one order of all lines explains every answer and keeps every client's own order: by trying every order. */
export function hasOrderByForce(model: Model, lines: readonly HistoryLine[]): boolean {
  const took = lines
    .filter(({ status, op, out }) => status !== 'fail' || (op === 'cas' && out === false))
    .sort(
      (a, b) =>
        a.call - b.call || (a.ret ?? Infinity) - (b.ret ?? Infinity) || lines.indexOf(a) - lines.indexOf(b),
    );
  const extend = (placed: readonly HistoryLine[], states: ReadonlyMap<Json, Json>, start: Json): boolean => {
    const left = took.filter((line) => !placed.includes(line));
    if (left.every(isUnknown)) return true;
    return left.some((line) => {
      const isBehind = left.some(
        (other) =>
          (other.client === line.client && !isUnknown(other) && took.indexOf(other) < took.indexOf(line)) ||
          (other.op === 'open' && line.op !== 'open'),
      );
      if (isBehind) return false;
      const state = states.has(line.key) ? (states.get(line.key) ?? null) : start;
      return after(model, state, line).some((next) =>
        extend([...placed, line], new Map([...states, [line.key, next]]), start),
      );
    });
  };
  return startsOf(model, lines).some((start) => extend([], new Map(), start));
}

/** Few clients that get a lock, each time with a token, and now and then give it back. */
export function lockHistory(chance: Chance): HistoryLine[] {
  const count = 2 + chance(4);
  const times = Array.from({ length: count }, () => chance(12)).sort((a, b) => a - b);
  let token = 0;
  return times.map((call, index): HistoryLine => {
    const base = { client: chance(3), key: 'x', value: null, call: call * 100 + index };
    const ended = { ret: (call + chance(4)) * 100 + index, status: 'ok' } as const;
    if (chance(8) === 0) return { ...base, op: 'acquire', out: null, ret: null, status: 'info' };
    if (chance(3) === 0) return { ...base, ...ended, op: 'release', out: chance(4) > 0 ? null : false };
    if (chance(6) === 0) return { ...base, ...ended, op: 'acquire', out: false };
    token += chance(5) === 0 ? 0 : 1;
    return { ...base, ...ended, op: 'acquire', out: chance(4) === 0 ? 1 + chance(3) : token };
  });
}

/** Whether the tokens of a lock keep a model: who got one has seen all smaller ones. */
export function tokensSatisfy(consistency: Consistency, lines: readonly HistoryLine[]): boolean {
  const holders = lines.filter(({ op, out }) => op === 'acquire' && typeof out === 'number');
  const token = ({ out }: HistoryLine) => out as number;
  const isBefore = (a: HistoryLine, b: HistoryLine) => a.client === b.client && a.call < b.call;
  switch (consistency) {
    case 'eventual':
      return true;
    case 'bounded-staleness':
      return holders.every((a) =>
        holders.every((b) => !((a.ret as number) < b.call - BOUND) || token(a) < token(b)),
      );
    case 'sequential':
      return hasOrderByForce('lock', lines);
    case 'causal': {
      const past = closure(holders, (a, b) => isBefore(a, b) || token(a) < token(b));
      return holders.every((holder) => !past(holder, holder));
    }
    case 'causal-convergence':
      return orders(holders, isBefore).some((order) =>
        order.every((each, i) => i === 0 || token(order[i - 1] as HistoryLine) < token(each)),
      );
    default:
      return holders.every((a) => holders.every((b) => !isBefore(a, b) || token(a) < token(b)));
  }
}
