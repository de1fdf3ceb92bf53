import { isCertain, type Operation } from '../history.ts';
import { isWrite } from '../sources.ts';
import { Graph } from './graph.ts';
import { successions, type Relations } from './relations.ts';

/** Operations that contradict a weaker model, or null. */
export type Contradiction = readonly Operation[] | null;

/**
 * Causal consistency: no read returns what, as far as its causal past tells, was overwritten. What is causally before
 * an operation is what its session did before, what it read, and what was before those. `convergent` asks for one
 * order of writes that all sessions agree on besides, which last-write-wins should give. The bad patterns CyclicCO,
 * WriteCOInitRead, WriteCORead and CyclicCF of Bouajjani et al., POPL 2017; O(n k) for k sessions.
 */
export function causalContradiction(relations: Relations, convergent: boolean): Contradiction {
  const known = found.get(relations) ?? findCausal(relations);
  found.set(relations, known);
  return convergent ? known.convergent() : known.causal;
}

type Found = { readonly causal: Contradiction; readonly convergent: () => Contradiction };

/** Stricter models begin with the same. */
const found = new WeakMap<Relations, Found>();

function findCausal(relations: Relations): Found {
  const graph = causalGraph(relations);
  const past = pastOf(relations, graph);
  const causal = past === null ? circleOf(relations, graph) : staleByPast(relations, past, graph);
  let convergent: { readonly of: Contradiction } | null = null;
  return {
    causal,
    convergent: () => {
      if (causal !== null || past === null) return causal;
      return (convergent ??= { of: conflictCircle(relations, past, graph) }).of;
    },
  };
}
/** Null when the operations go round in a circle, and nothing is before anything. */
function pastOf(relations: Relations, graph: CausalGraph): CausalPast | null {
  const order = graph.sorted();
  return order === null ? null : new CausalPast(relations, order, graph);
}

function circleOf({ operations }: Relations, graph: CausalGraph): Operation[] {
  return (graph.circle() ?? []).map((node) => operations[node] as Operation);
}

/** The operations with all by which each is in the past of the next. */
function waysBetween(
  chain: readonly Operation[],
  { operations, numbers }: Relations,
  graph: CausalGraph,
): Operation[] {
  const number = (operation: Operation | undefined) =>
    operation === undefined ? -1 : (numbers.get(operation) ?? -1);
  const way = chain.flatMap((operation, index) => graph.way(number(operation), number(chain[index + 1])));
  return [...new Set([...chain, ...way.map((node) => operations[node] as Operation)])];
}

/** An edge may carry who demands it: the read that has seen one write of two. */
type CausalGraph = Graph<Operation | null>;

/** Sessions and who read from whom, as edges between the operations' numbers. */
export function causalGraph({ operations, numbers, sources, sessions }: Relations): CausalGraph {
  const graph: CausalGraph = new Graph(operations.length);
  const add = (from: Operation, to: Operation) =>
    graph.add(numbers.get(from) as number, numbers.get(to) as number, null);
  for (const session of sessions) for (const [before, after] of successions(session)) add(before, after);
  for (const [reader, source] of sources) if (source !== null) add(source, reader);
  return graph;
}

/** WriteCOInitRead and WriteCORead: a newer write of the key is in the read's own past. */
function staleByPast(relations: Relations, past: CausalPast, graph: CausalGraph): Contradiction {
  for (const [reader, source] of relations.sources) {
    for (const write of past.latestWrites(reader)) {
      if (write === source || write === reader) continue;
      if (source === null) return waysBetween([write, reader], relations, graph);
      if (past.includes(write, source)) return waysBetween([source, write, reader], relations, graph);
    }
  }
  return null;
}

/** CyclicCF: a write in the past of a read must be before the one that was read. */
function conflictCircle(relations: Relations, past: CausalPast, graph: CausalGraph): Contradiction {
  const { sources, numbers, operations } = relations;
  const whole = causalGraph(relations);
  for (const [reader, source] of sources) {
    if (source === null) continue;
    for (const write of past.latestWrites(reader)) {
      if (write === source || write === reader) continue;
      whole.add(numbers.get(write) as number, numbers.get(source) as number, reader);
    }
  }
  const circle = whole.circle();
  if (circle === null) return null;
  const named = circle.flatMap((node, index) => {
    const operation = operations[node] as Operation;
    const reader = whole.why(node, circle[(index + 1) % circle.length] ?? 0) ?? null;
    return reader === null ? [operation] : waysBetween([operation, reader], relations, graph);
  });
  return [...new Set(named)];
}

/** What is causally before each operation, as how many operations of each session. */
class CausalPast {
  readonly #relations: Relations;
  readonly #width: number;
  /** By operation and session, how many of the session's operations are in its past or are itself. */
  readonly #clocks: Int32Array;
  /** By operation, its session and its place there, from 1. One of unknown outcome has a session of its own. */
  readonly #session: Int32Array;
  readonly #place: Int32Array;
  /** By session and key, the places of its writes, ascending, and who they were. */
  readonly #writes: Map<string, { places: number[]; writes: Operation[] }>[];

  constructor(relations: Relations, order: readonly number[], graph: CausalGraph) {
    this.#relations = relations;
    const { operations } = relations;
    this.#session = new Int32Array(operations.length);
    this.#place = new Int32Array(operations.length);
    this.#writes = [];
    this.#number();
    this.#width = this.#writes.length;
    this.#clocks = new Int32Array(operations.length * this.#width);
    for (const node of order) this.#spread(node, graph);
  }

  /** Whether `earlier` is before `later`, or is it. */
  includes(later: Operation, earlier: Operation): boolean {
    const { numbers } = this.#relations;
    const early = numbers.get(earlier) as number;
    const count =
      this.#clocks[(numbers.get(later) as number) * this.#width + (this.#session[early] as number)];
    return (count as number) >= (this.#place[early] as number);
  }

  /** Of each session, its latest write of the reader's key in the reader's past. */
  *latestWrites(reader: Operation): Generator<Operation> {
    const number = this.#relations.numbers.get(reader) as number;
    const start = number * this.#width;
    for (let session = 0; session < this.#width; session++) {
      let count = this.#clocks[start + session] as number;
      if (session === this.#session[number]) count--;
      if (count <= 0) continue;
      const found = this.#writes[session]?.get(reader.key);
      const last = found === undefined ? 0 : countUpTo(found.places, count);
      if (last > 0) yield found?.writes[last - 1] as Operation;
    }
  }

  #number(): void {
    for (const session of this.#relations.sessions) {
      this.#enter(session.filter(isCertain));
      for (const operation of session) if (!isCertain(operation)) this.#enter([operation]);
    }
  }

  #enter(session: readonly Operation[]): void {
    const writes = new Map<string, { places: number[]; writes: Operation[] }>();
    session.forEach((operation, index) => {
      const number = this.#relations.numbers.get(operation) as number;
      this.#session[number] = this.#writes.length;
      this.#place[number] = index + 1;
      if (!isWrite(operation)) return;
      const entry = writes.get(operation.key) ?? { places: [], writes: [] };
      entry.places.push(index + 1);
      entry.writes.push(operation);
      writes.set(operation.key, entry);
    });
    this.#writes.push(writes);
  }

  /** Hands what is known of an operation's past on to those that follow it. */
  #spread(node: number, graph: CausalGraph): void {
    const clocks = this.#clocks;
    const width = this.#width;
    const own = node * width + (this.#session[node] as number);
    clocks[own] = Math.max(clocks[own] as number, this.#place[node] as number);
    for (const next of graph.successors(node)) {
      for (let i = 0, from = node * width, to = next * width; i < width; i++, from++, to++) {
        if ((clocks[from] as number) > (clocks[to] as number)) clocks[to] = clocks[from] as number;
      }
    }
  }
}

/** How many of some ascending numbers are at most a limit. */
function countUpTo(ascending: readonly number[], limit: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] as number) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
