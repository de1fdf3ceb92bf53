import { isObserver, type Operation } from '../history.ts';
import { isWrite } from '../sources.ts';
import { causalContradiction, causalGraph, type Contradiction } from './causal.ts';
import type { Graph } from './graph.ts';
import { canComplete, type Layout } from './layout.ts';
import type { Relations } from './relations.ts';

/** Beyond this the demands, a bit for every pair, would take more than 8 MB. */
const MOST_OPERATIONS = 8000;

/**
 * Sequential consistency (Lamport 1979): one order of all operations, whatever the clock says, in which every client's
 * stand in its own order and every read returns the last write. Deciding it is NP-hard. Here what every such order
 * must have is derived until nothing more follows: a circle refutes it. Otherwise an order is looked for, for a
 * number of steps. `undecided` when neither came to an end.
 */
export function sequentialContradiction(relations: Relations, steps: number): Contradiction | 'undecided' {
  const causal = causalContradiction(relations, true);
  if (causal !== null) return causal;
  if (relations.operations.length > MOST_OPERATIONS) return 'undecided';
  const graph = causalGraph(relations);
  const circle = saturate(relations, graph);
  if (circle !== null) return circle;
  const found = canComplete(new ReadsFrom(relations, graph), steps);
  if (found === null) return 'undecided';
  return found ? null : [...relations.operations];
}

/**
 * A read of w with another write v of its key: v before the read puts v before w, and w before v puts the read
 * before v. Adds these edges until nothing more follows; a circle if one comes of it.
 */
function saturate(
  { operations, numbers, sources }: Relations,
  graph: Graph<Operation | null>,
): Contradiction {
  const writes = new Map<string, number[]>();
  operations.forEach((operation, number) => {
    if (!isWrite(operation)) return;
    const others = writes.get(operation.key);
    if (others === undefined) writes.set(operation.key, [number]);
    else others.push(number);
  });
  for (;;) {
    const order = graph.sorted();
    if (order === null) return (graph.circle() ?? []).map((node) => operations[node] as Operation);
    const reach = new Reach(operations.length, order, graph);
    let isNew = false;
    const demand = (from: number, to: number) => {
      if (reach.has(from, to)) return;
      graph.add(from, to, null);
      isNew = true;
    };
    for (const [reader, source] of sources) {
      const read = numbers.get(reader) as number;
      const seen = source === null ? -1 : (numbers.get(source) as number);
      for (const write of writes.get(reader.key) ?? []) {
        if (write === seen || write === read) continue;
        if (seen === -1 || reach.has(seen, write)) demand(read, write);
        else if (reach.has(write, read)) demand(write, seen);
      }
    }
    if (!isNew) return null;
  }
}

/** Which nodes can be reached from which, as bits. */
class Reach {
  readonly #width: number;
  readonly #bits: Int32Array;

  constructor(size: number, order: readonly number[], graph: Graph<Operation | null>) {
    this.#width = (size + 31) >> 5;
    this.#bits = new Int32Array(size * this.#width);
    for (const node of [...order].reverse()) {
      for (const next of graph.successors(node)) this.#include(node, next);
    }
  }

  has(from: number, to: number): boolean {
    return ((this.#bits[from * this.#width + (to >> 5)] as number) & (1 << (to & 31))) !== 0;
  }

  #include(node: number, next: number): void {
    const bits = this.#bits;
    const to = node * this.#width;
    const from = next * this.#width;
    for (let i = 0; i < this.#width; i++)
      bits[to + i] = (bits[to + i] as number) | (bits[from + i] as number);
    const word = to + (next >> 5);
    bits[word] = (bits[word] as number) | (1 << (next & 31));
  }
}

/** An order along the edges of a graph in which no write comes between another and its reads. */
class ReadsFrom implements Layout {
  /** A bit for each operation that has been laid out. */
  readonly row: Int32Array;
  readonly usedWords = 0;
  readonly #operations: readonly Operation[];
  readonly #graph: Graph<Operation | null>;
  readonly #waitsFor: Int32Array;
  /** By write, how many of its readers are still to come. */
  readonly #readers: Int32Array;
  readonly #sources: Int32Array;
  readonly #keys: readonly string[];
  /** By key the write that is there now, the latest on top; -1 is the unwritten value. */
  readonly #values = new Map<string, number[]>();
  readonly #unwrittenReaders = new Map<string, number>();
  readonly #ready = new Set<number>();
  readonly #order: number[] = [];

  constructor({ operations, numbers, sources }: Relations, graph: Graph<Operation | null>) {
    this.#operations = operations;
    this.#graph = graph;
    this.#keys = operations.map(({ key }) => key);
    this.row = new Int32Array((operations.length >> 5) + 1);
    this.#waitsFor = new Int32Array(operations.length);
    this.#readers = new Int32Array(operations.length);
    this.#sources = new Int32Array(operations.length).fill(-2);
    for (const [reader, source] of sources) {
      const seen = source === null ? -1 : (numbers.get(source) as number);
      this.#sources[numbers.get(reader) as number] = seen;
      this.#count(reader.key, seen, 1);
    }
    operations.forEach((_, node) => {
      for (const next of graph.successors(node)) this.#waitsFor[next] = (this.#waitsFor[next] as number) + 1;
    });
    this.#waitsFor.forEach((count, node) => void (count === 0 && this.#ready.add(node)));
  }

  get taken(): number {
    return this.#order.length;
  }

  get isDone(): boolean {
    return this.#order.length === this.#operations.length;
  }

  takeLooks(): void {
    for (let found = true; found;) {
      found = false;
      for (const node of this.#ready) {
        if (!isObserver(this.#operations[node] as Operation) || !this.#fits(node)) continue;
        this.take(node);
        found = true;
      }
    }
  }

  /** By call. */
  candidates(): number[] {
    return [...this.#ready].filter((node) => this.#fits(node)).sort((a, b) => a - b);
  }

  take(node: number): void {
    const operation = this.#operations[node] as Operation;
    const source = this.#sources[node] as number;
    this.#flip(node);
    this.#order.push(node);
    this.#ready.delete(node);
    if (source !== -2) this.#count(operation.key, source, -1);
    if (isWrite(operation)) this.#valuesOf(operation.key).push(node);
    for (const next of this.#graph.successors(node)) {
      this.#waitsFor[next] = (this.#waitsFor[next] as number) - 1;
      if (this.#waitsFor[next] === 0) this.#ready.add(next);
    }
  }

  undoTo(count: number): void {
    while (this.#order.length > count) {
      const node = this.#order.pop() as number;
      const operation = this.#operations[node] as Operation;
      const source = this.#sources[node] as number;
      this.#flip(node);
      if (source !== -2) this.#count(operation.key, source, 1);
      if (isWrite(operation)) this.#valuesOf(operation.key).pop();
      for (const next of this.#graph.successors(node)) {
        if (this.#waitsFor[next] === 0) this.#ready.delete(next);
        this.#waitsFor[next] = (this.#waitsFor[next] as number) + 1;
      }
      this.#ready.add(node);
    }
  }

  /** Whether it finds what it saw, and overwrites nothing that somebody still has to see. */
  #fits(node: number): boolean {
    const key = this.#keys[node] as string;
    const now = this.#valuesOf(key).at(-1) ?? -1;
    const source = this.#sources[node] as number;
    if (source !== -2 && source !== now) return false;
    if (!isWrite(this.#operations[node] as Operation)) return true;
    const waiting = now === -1 ? (this.#unwrittenReaders.get(key) ?? 0) : (this.#readers[now] as number);
    return waiting === (source === -2 ? 0 : 1);
  }

  #count(key: string, source: number, by: number): void {
    if (source >= 0) this.#readers[source] = (this.#readers[source] as number) + by;
    else this.#unwrittenReaders.set(key, (this.#unwrittenReaders.get(key) ?? 0) + by);
  }

  #valuesOf(key: string): number[] {
    const values = this.#values.get(key) ?? [];
    this.#values.set(key, values);
    return values;
  }

  #flip(node: number): void {
    this.row[node >> 5] = (this.row[node >> 5] as number) ^ (1 << (node & 31));
  }
}
