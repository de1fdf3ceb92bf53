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

/** What a checker is asked of a history, with what the brute force says of it. */
type Question = {
  /** What is asked, as it is counted and told. */
  readonly name: string;
  readonly lines: readonly HistoryLine[];
  readonly verdict: string;
  readonly isKept: () => boolean;
  /** Whether the checker may leave it undecided. */
  readonly mayDoubt?: boolean;
};

/** What is asked of the history that follows from a seed. */
export type Questions = (seed: number) => readonly Question[];

export type Seeds = { readonly first: number; readonly count: number };

/** The first seed whose history is judged wrongly, with the history; null when there is none. Every verdict is counted. */
export function firstDisagreement(
  questions: Questions,
  { first, count }: Seeds,
  seen: Map<string, number> = new Map(),
): string | null {
  for (let seed = first; seed < first + count; seed++) {
    for (const { name, lines, verdict, isKept, mayDoubt } of questions(seed)) {
      seen.set(`${name} ${verdict}`, (seen.get(`${name} ${verdict}`) ?? 0) + 1);
      if (verdict === 'unknown' && mayDoubt === true) continue;
      if (verdict === 'unknown' || (verdict === 'violated') === isKept()) {
        return describe(seed, `${name} is judged ${verdict}`, lines);
      }
    }
  }
  return null;
}

/** The verdict of a checker on linearizability. */
export type Judge = (model: Model, lines: readonly HistoryLine[]) => string;

export const judgeLinearizable: Judge = (model, lines) =>
  checkLinearizable(prepareLines(model, lines)).verdict;

/** Objects of every model. */
export function linearizability(judge: Judge = judgeLinearizable): Questions {
  return (seed) => {
    const model = modelOf(seed);
    const lines = randomHistory(model, createChance(seed));
    const isKept = () => isLinearizableByForce(model, lines);
    return [{ name: model, lines, verdict: judge(model, lines), isKept }];
  };
}

/** One order for objects of every model. */
export const oneOrder: Questions = (seed) => {
  const model = modelOf(seed);
  const lines = randomHistory(model, createChance(seed), 6);
  const { verdict } = check(prepareLines(model, lines), 'sequential');
  return [{ name: model, lines, verdict, isKept: () => hasOrderByForce(model, lines) }];
};

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

/** Registers whose values are unique. A compare-and-set that saw another value may leave it open which. */
export const weakerRegisters: Questions = (seed) => {
  const lines = uniqueHistory(seed);
  const mayDoubt = lines.some(({ op, out }) => op === 'cas' && out === false);
  return weaker('kv', lines, WEAKER, satisfiesByForce).map((question) => ({ ...question, mayDoubt }));
};

/** Sets and lists of items that were put there once. */
export const weakerCollections: Questions = (seed) => {
  const lines = collectionHistory(createChance(seed));
  const model = lines.some(({ op }) => op === 'append') ? 'append' : 'set';
  return weaker(model, lines, WEAKER, collectionSatisfies);
};

/** Locks with fencing tokens. */
export const weakerLocks: Questions = (seed) =>
  weaker('lock', lockHistory(createChance(seed)), WEAKER, tokensSatisfy);

/** Models of which counters and banks tell by themselves whether they are kept. */
export const OF_SUMS: readonly Weaker[] = [
  'read-your-writes',
  'monotonic-reads',
  'monotonic-writes',
  'writes-follow-reads',
  'bounded-staleness',
  'eventual',
];

/** Counters and banks. Nothing may be undecided where all count by one. */
export const weakerSums: Questions = (seed) => {
  const model = seed % 3 === 0 ? 'bank' : 'counter';
  const lines = (model === 'bank' ? bankHistory : countHistory)(createChance(seed));
  const isUnit = lines.every(({ op, value }) => op !== 'increment' || value === 1);
  const mayDoubt = model === 'bank' || !isUnit;
  return weaker(model, lines, OF_SUMS, sumsSatisfy).map((question) => {
    return { ...question, name: `${model} ${question.name}`, mayDoubt };
  });
};

function weaker(
  model: Model,
  lines: readonly HistoryLine[],
  consistencies: readonly Weaker[],
  satisfies: (consistency: Weaker, lines: readonly HistoryLine[]) => boolean,
): Question[] {
  return consistencies.map((consistency) => {
    const { verdict } = check(prepareLines(model, lines), consistency, { bound: BOUND });
    return { name: consistency, lines, verdict, isKept: () => satisfies(consistency, lines) };
  });
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

function modelOf(seed: number): Model {
  return MODELS[seed % MODELS.length] ?? 'register';
}

function describe(seed: number, what: string, lines: readonly HistoryLine[]): string {
  const sorted = [...lines].sort((a, b) => a.call - b.call).map((line) => JSON.stringify(line));
  return [`seed ${seed}: ${what}`, ...sorted].join('\n');
}
