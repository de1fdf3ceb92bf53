import { byCall, byKey, isCertain, type Operation } from '../history.ts';
import type { Contradiction } from './causal.ts';
import { inTime, isLook, type Collections } from './collections.ts';
import type { Answer, Weaker } from './contradiction.ts';
import { Graph } from './graph.ts';
import { successions } from './relations.ts';
import { visibleSessions } from './visible-sessions.ts';

/**
 * What contradicts a weaker model in sets and lists of items that were put there once: a look tells exactly which puts
 * its replica knew of, so that every model is decided in polynomial time, sequential consistency too.
 */
export function visibilityContradiction(collections: Collections, model: Weaker, bound: number): Answer {
  switch (model) {
    case 'sequential':
      return tested(circleOf(collections, orderGraph(collections, true)));
    case 'causal-convergence':
      return tested(causal(collections) ?? circleOf(collections, orderGraph(collections, false)));
    case 'causal':
      return tested(causal(collections));
    case 'bounded-staleness':
      return tested(stale(collections, bound));
    case 'eventual':
      return converges(collections, bound);
    default:
      return visibleSessions(collections, model);
  }
}

function tested(contradiction: Contradiction): Answer {
  return { isTested: true, contradiction };
}

/** What comes before what in every session, by who saw whom, and why. */
function causalGraph({ operations, sessions, shown }: Collections): Ordering {
  const graph = new Graph<Operation | null>(operations.length);
  const numbers = new Map(operations.map((operation, number) => [operation, number]));
  const add = (from: Operation, to: Operation, why: Operation | null = null) =>
    graph.add(numbers.get(from) ?? -1, numbers.get(to) ?? -1, why);
  for (const own of sessions) for (const [before, after] of successions(own)) add(before, after);
  for (const [look, puts] of shown) for (const put of puts) add(put, look);
  return { graph, numbers, add };
}

type Ordering = {
  readonly graph: Graph<Operation | null>;
  readonly numbers: ReadonlyMap<Operation, number>;
  readonly add: (from: Operation, to: Operation, why?: Operation | null) => void;
};

/** What one order for all must keep to: a list's own order, and (`inFull`) that each look comes before what it lacks. */
function orderGraph(collections: Collections, inFull: boolean): Ordering {
  const ordering = causalGraph(collections);
  const { shown, lacking, isOrdered } = collections;
  for (const [look, puts] of shown) {
    if (isOrdered(look.key)) {
      puts.forEach((put, place) => {
        const before = puts[place - 1];
        if (before !== undefined) ordering.add(before, put, look);
      });
    }
    if (inFull) for (const put of lacking.get(look) ?? []) ordering.add(look, put);
  }
  return ordering;
}

function circleOf({ operations }: Collections, { graph }: Ordering): Contradiction {
  const circle = graph.circle();
  if (circle === null) return null;
  const named = circle.flatMap((node, index) => {
    const why = graph.why(node, circle[(index + 1) % circle.length] as number) ?? null;
    return [operations[node] as Operation, ...(why === null ? [] : [why])];
  });
  return byCall([...new Set(named)]);
}

/** Causal: a look shows all puts in its past, and in a list none before what is in its own past. */
function causal(collections: Collections): Contradiction {
  const { shown, lacking, isOrdered } = collections;
  const ordering = causalGraph(collections);
  const order = ordering.graph.sorted();
  if (order === null) return circleOf(collections, ordering);
  const past = new Past(collections, order, ordering);
  const checked = new Map<string, readonly Operation[]>();
  for (const [look, puts] of shown) {
    const missing = lacking.get(look)?.find((put) => past.includes(look, put));
    if (missing !== undefined) return past.way(missing, look);
    if (!isOrdered(look.key)) continue;
    const before = checked.get(look.key) ?? [];
    const isNew = (place: number) => before[place] !== puts[place];
    const start = puts.findIndex((_, place) => isNew(place));
    for (let place = Math.max(start, 0); place < puts.length; place++) {
      const late = puts[place] as Operation;
      const early = puts.slice(0, place).find((put) => past.includes(put, late));
      if (early !== undefined) return inTime(...past.way(late, early), look);
    }
    checked.set(look.key, puts);
  }
  return null;
}

/** Which puts are causally before each operation, as bits. */
class Past {
  readonly #operations: readonly Operation[];
  readonly #ordering: Ordering;
  readonly #places: ReadonlyMap<Operation, number>;
  readonly #width: number;
  readonly #bits: Int32Array;

  constructor({ operations }: Collections, order: readonly number[], ordering: Ordering) {
    this.#operations = operations;
    this.#ordering = ordering;
    const puts = operations.filter((operation) => !isLook(operation));
    this.#places = new Map(puts.map((put, place) => [put, place]));
    this.#width = (puts.length + 31) >> 5;
    this.#bits = new Int32Array(operations.length * this.#width);
    for (const node of order) this.#spread(node);
  }

  includes(later: Operation, put: Operation): boolean {
    const place = this.#places.get(put) ?? 0;
    const word = (this.#ordering.numbers.get(later) ?? 0) * this.#width + (place >> 5);
    return ((this.#bits[word] as number) & (1 << (place & 31))) !== 0;
  }

  /** The two, and by which operations the one is in the past of the other. */
  way(put: Operation, later: Operation): Operation[] {
    const { graph, numbers } = this.#ordering;
    const between = graph.way(numbers.get(put) ?? 0, numbers.get(later) ?? 0);
    return inTime(put, ...between.map((node) => this.#operations[node] as Operation), later);
  }

  #spread(node: number): void {
    const bits = this.#bits;
    const width = this.#width;
    const place = this.#places.get(this.#operations[node] as Operation);
    for (const next of this.#ordering.graph.successors(node)) {
      const to = next * width;
      for (let i = 0; i < width; i++)
        bits[to + i] = (bits[to + i] as number) | (bits[node * width + i] as number);
      if (place === undefined) continue;
      const word = to + (place >> 5);
      bits[word] = (bits[word] as number) | (1 << (place & 31));
    }
  }
}

/** A look lacks what had been put there for longer than the bound. */
function stale({ lacking, sessions }: Collections, bound: number): Contradiction {
  const kept = new Set(sessions.flat());
  for (const [look, puts] of lacking) {
    const put = puts.find((each) => kept.has(each) && each.ret < look.call - bound);
    if (put !== undefined) return inTime(put, look);
  }
  return null;
}

/** Reads after all was quiet for so long show the same, and all that was put there. */
function converges({ sessions, shown, lacking, isOrdered }: Collections, quiet: number): Answer {
  let isTested = false;
  for (const part of byKey(sessions.flat()).values()) {
    const puts = part.filter((each) => !isLook(each));
    const last = puts.reduce(
      (time, { call, ret }) => Math.max(time, ret === Infinity ? call : ret),
      -Infinity,
    );
    const late = part.filter((look) => look.kind === 'read' && look.call > last + quiet);
    const [one] = late;
    if (one === undefined || puts.length === 0) continue;
    isTested = true;
    const textOf = (look: Operation) => {
      const ats = (shown.get(look) ?? []).map(({ at }) => at);
      return (isOrdered(look.key) ? ats : ats.sort((a, b) => a - b)).join();
    };
    const other = late.find((look) => textOf(look) !== textOf(one));
    if (other !== undefined) return tested(inTime(one, other));
    const lost = lacking.get(one)?.find((put) => isCertain(put) && puts.includes(put));
    if (lost !== undefined) return tested(inTime(lost, one));
  }
  return { isTested, contradiction: null };
}
