import { check } from '../../../shared/checker/check.ts';
import { MODELS, type HistoryLine, type Model } from '../../../shared/checker/history.ts';
import { checkLinearizable } from '../../../shared/checker/linearizable.ts';
import { prepare } from '../../../shared/checker/prepare.ts';
import type { Weaker } from '../../../shared/checker/weak/contradiction.ts';
import { createChance } from '../runs.ts';
import { isLinearizableByForce } from './brute-force.ts';
import { collectionHistory, collectionSatisfies } from './collections-by-force.ts';
import { hasOrderByForce, lockHistory, tokensSatisfy } from './orders-by-force.ts';
import { randomHistory } from './random-history.ts';
import { bankHistory, countHistory, sumsSatisfy } from './sums-by-force.ts';
import { BOUND, satisfiesByForce } from './weak-by-force.ts';

/** The verdict of a checker that is to agree with the brute force. */
export type Judge = (model: Model, lines: readonly HistoryLine[]) => string;

export const judgeLinearizable: Judge = (model, lines) =>
  checkLinearizable(prepareLines(model, lines)).verdict;

/** The first seed whose history a checker judges wrongly, with the history; null when there is none. Every verdict is counted. */
export function firstDisagreement(
  judge: Judge,
  seeds: { readonly first: number; readonly count: number },
  seen: Map<string, number> = new Map(),
): string | null {
  for (let seed = seeds.first; seed < seeds.first + seeds.count; seed++) {
    const model = MODELS[seed % MODELS.length] ?? 'register';
    const lines = randomHistory(model, createChance(seed));
    const verdict = judge(model, lines);
    const name = `${model} ${verdict}`;
    seen.set(name, (seen.get(name) ?? 0) + 1);
    if ((verdict === 'violated') === isLinearizableByForce(model, lines) || verdict === 'unknown') {
      return describe(seed, `${model} is judged ${verdict}`, lines);
    }
  }
  return null;
}

export const WEAKER: readonly Weaker[] = [
  'sequential',
  'causal',
  'causal-convergence',
  'read-your-writes',
  'monotonic-reads',
  'monotonic-writes',
  'writes-follow-reads',
  'bounded-staleness',
  'eventual',
];

/** The same for the weaker models, on histories whose values are unique. */
export function firstWeakDisagreement(
  seeds: { readonly first: number; readonly count: number },
  seen: Map<string, number> = new Map(),
): string | null {
  for (let seed = seeds.first; seed < seeds.first + seeds.count; seed++) {
    const lines = uniqueHistory(seed);
    for (const consistency of WEAKER) {
      const { verdict } = check(prepareLines('kv', lines), consistency, { bound: BOUND });
      const name = `${consistency} ${verdict}`;
      seen.set(name, (seen.get(name) ?? 0) + 1);
      const excused = verdict === 'unknown' && lines.some(({ op, out }) => op === 'cas' && out === false);
      if (excused) continue;
      if ((verdict === 'violated') === satisfiesByForce(consistency, lines) || verdict === 'unknown') {
        return describe(seed, `${consistency} is judged ${verdict}`, lines);
      }
    }
  }
  return null;
}

/** The same for sets and lists of items that were put there once. */
export function firstCollectionDisagreement(
  seeds: { readonly first: number; readonly count: number },
  seen: Map<string, number> = new Map(),
): string | null {
  for (let seed = seeds.first; seed < seeds.first + seeds.count; seed++) {
    const lines = collectionHistory(createChance(seed));
    const model = lines.some(({ op }) => op === 'append') ? 'append' : 'set';
    for (const consistency of WEAKER) {
      const { verdict } = check(prepareLines(model, lines), consistency, { bound: BOUND });
      const name = `${consistency} ${verdict}`;
      seen.set(name, (seen.get(name) ?? 0) + 1);
      if ((verdict === 'violated') === collectionSatisfies(consistency, lines) || verdict === 'unknown') {
        return describe(seed, `${consistency} is judged ${verdict}`, lines);
      }
    }
  }
  return null;
}

/** Models of which counters and banks tell by themselves whether they are kept. */
export const OF_SUMS: readonly Weaker[] = [
  'read-your-writes',
  'monotonic-reads',
  'monotonic-writes',
  'writes-follow-reads',
  'bounded-staleness',
  'eventual',
];

/** The same for counters and banks. What is undecided is counted, and nothing may be where all count by one. */
export function firstSumDisagreement(
  seeds: { readonly first: number; readonly count: number },
  seen: Map<string, number> = new Map(),
): string | null {
  for (let seed = seeds.first; seed < seeds.first + seeds.count; seed++) {
    const model = seed % 3 === 0 ? 'bank' : 'counter';
    const lines = (model === 'bank' ? bankHistory : countHistory)(createChance(seed));
    const isUnit = lines.every(({ op, value }) => op !== 'increment' || value === 1);
    for (const consistency of OF_SUMS) {
      const { verdict } = check(prepareLines(model, lines), consistency, { bound: BOUND });
      const name = `${model} ${consistency} ${verdict}`;
      seen.set(name, (seen.get(name) ?? 0) + 1);
      if (verdict === 'unknown' && !(model === 'counter' && isUnit)) continue;
      const isKept = sumsSatisfy(consistency, lines);
      if ((verdict === 'violated') === isKept || verdict === 'unknown') {
        return describe(seed, `${consistency} is judged ${verdict}`, lines);
      }
    }
  }
  return null;
}

/** The same for locks with fencing tokens. */
export function firstLockDisagreement(
  seeds: { readonly first: number; readonly count: number },
  seen: Map<string, number> = new Map(),
): string | null {
  for (let seed = seeds.first; seed < seeds.first + seeds.count; seed++) {
    const lines = lockHistory(createChance(seed));
    for (const consistency of WEAKER) {
      const { verdict } = check(prepareLines('lock', lines), consistency, { bound: BOUND });
      const name = `${consistency} ${verdict}`;
      seen.set(name, (seen.get(name) ?? 0) + 1);
      if ((verdict === 'violated') === tokensSatisfy(consistency, lines) || verdict === 'unknown') {
        return describe(seed, `${consistency} is judged ${verdict}`, lines);
      }
    }
  }
  return null;
}

/** The same for sequential consistency of objects of every model. A doubt about equal values is none any more. */
export function firstOrderDisagreement(
  seeds: { readonly first: number; readonly count: number },
  seen: Map<string, number> = new Map(),
): string | null {
  for (let seed = seeds.first; seed < seeds.first + seeds.count; seed++) {
    const model = MODELS[seed % MODELS.length] ?? 'register';
    const lines = randomHistory(model, createChance(seed), 6);
    const { verdict } = check(prepareLines(model, lines), 'sequential');
    const name = `${model} ${verdict}`;
    seen.set(name, (seen.get(name) ?? 0) + 1);
    if ((verdict === 'violated') === hasOrderByForce(model, lines) || verdict === 'unknown') {
      return describe(seed, `${model} is judged ${verdict}`, lines);
    }
  }
  return null;
}

/** Few clients that read and write two keys, values unique, reads of anything. */
export function uniqueHistory(seed: number, most = 6): HistoryLine[] {
  const chance = createChance(seed);
  const count = 2 + chance(most - 1);
  const times = Array.from({ length: count }, () => chance(30));
  const written = new Map<string, number[]>([
    ['x', [0]],
    ['y', [0]],
  ]);
  const lines: HistoryLine[] = [];
  times.forEach((call, index) => {
    const key = chance(4) === 0 ? 'y' : 'x';
    const client = chance(3);
    const some = written.get(key) ?? [];
    const pick = () => some[chance(some.length)] || null;
    const status = chance(8) === 0 ? ('info' as const) : ('ok' as const);
    const ret = status === 'info' ? null : call + chance(9);
    const kind = chance(7);
    const base = {
      client,
      key,
      call: call * 100 + index,
      ret: ret === null ? null : ret * 100 + index,
      status,
    };
    const value = index + 1;
    if (kind < 3) lines.push({ ...base, op: 'write', value, out: null });
    else if (kind === 3) lines.push({ ...base, op: 'cas', value: [pick(), value], out: true });
    else if (status === 'ok') lines.push({ ...base, op: 'read', value: null, out: pick() });
    if (kind <= 3) some.push(value);
  });
  return lines;
}

export function prepareLines(model: Model, lines: readonly HistoryLine[]) {
  return prepare(
    lines.map((line, index) => ({ line, at: index + 1 })),
    model,
  );
}

function describe(seed: number, what: string, lines: readonly HistoryLine[]): string {
  const sorted = [...lines].sort((a, b) => a.call - b.call).map((line) => JSON.stringify(line));
  return [`seed ${seed}: ${what}`, ...sorted].join('\n');
}
