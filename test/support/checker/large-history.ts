import type { Json } from '../../../shared/base/json.ts';
import type { HistoryLine } from '../../../shared/checker/history.ts';
import { createChance, type Chance } from '../runs.ts';

/** What kind of history to make. Everything follows from the seed. */
export type Shape = {
  readonly seed: number;
  readonly operations: number;
  readonly clients: number;
  readonly keys: number;
  /** Of a hundred operations, how many get no answer. */
  readonly unknown: number;
  /** `unique`: every write is of a value of its own; `few`: of one of five, with compare-and-set; `append`: texts. */
  readonly values: 'unique' | 'few' | 'append';
  /** Of a thousand reads, how many return what was there a while ago. */
  readonly stale: number;
};

/**
 * A history as a store would make it: every operation takes effect at one moment between its call and its return, but
 * for the stale reads. Clients work one operation at a time, all of them all the time.
 */
export function largeHistory(shape: Shape): HistoryLine[] {
  const chance = createChance(shape.seed);
  const free = Array.from({ length: shape.clients }, () => chance(40));
  const planned = Array.from({ length: shape.operations }, (_, index) => {
    const client = free.indexOf(Math.min(...free));
    const call = (free[client] ?? 0) + 1 + chance(6);
    const effect = call + chance(20);
    const ret = effect + chance(20);
    free[client] = ret;
    const isUnknown = chance(100) < shape.unknown;
    return { index, client, call, effect, ret, isUnknown, takesPlace: !isUnknown || chance(2) === 0 };
  });
  const states = new Map<number, Json[]>();
  const lines: HistoryLine[] = [];
  for (const plan of [...planned].sort((a, b) => a.effect - b.effect || a.index - b.index)) {
    const key = chance(shape.keys);
    const past = states.get(key) ?? [null];
    const state = past.at(-1) ?? null;
    const asked = ask(shape, plan.index, plan.client, chance);
    const isStale = asked.op === 'read' && chance(1000) < shape.stale;
    const from = isStale ? (past[Math.max(0, past.length - 6)] ?? null) : state;
    const { out, next } = answer(asked, from);
    if (plan.takesPlace && next !== state && asked.op !== 'read') states.set(key, [...past.slice(-8), next]);
    const base = { client: plan.client, ...asked, key: `k${key}`, call: plan.call };
    if (plan.isUnknown) lines.push({ ...base, out: null, ret: null, status: 'info' });
    else lines.push({ ...base, out, ret: plan.ret, status: 'ok' });
  }
  return lines;
}

type Asked = { readonly op: string; readonly value: Json };

function ask({ values }: Shape, index: number, client: number, chance: Chance): Asked {
  const die = chance(10);
  if (die < 5) return { op: 'read', value: null };
  if (values === 'unique') return { op: 'write', value: index + 1 };
  if (values === 'few') {
    return die < 7 ? { op: 'write', value: chance(5) } : { op: 'cas', value: [chance(5), chance(5)] };
  }
  return die === 9 && chance(4) === 0
    ? { op: 'write', value: `x ${client} ${index} y` }
    : { op: 'append', value: `x ${client} ${index} y` };
}

function answer({ op, value }: Asked, state: Json): { readonly out: Json; readonly next: Json } {
  switch (op) {
    case 'read':
      return { out: state, next: state };
    case 'write':
      return { out: null, next: value };
    case 'append':
      return { out: null, next: `${asText(state)}${asText(value)}` };
    default: {
      const [from, to] = value as [Json, Json];
      return state === from ? { out: true, next: to } : { out: false, next: state };
    }
  }
}

function asText(value: Json): string {
  return typeof value === 'string' ? value : '';
}
