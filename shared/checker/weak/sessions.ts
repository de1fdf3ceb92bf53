import { byCall, byKey, isCertain, type Operation } from '../history.ts';
import { isWrite, type Sources } from '../sources.ts';
import type { Contradiction } from './causal.ts';
import { Graph } from './graph.ts';
import type { Relations } from './relations.ts';

/** The session guarantees of Terry et al., "Session guarantees for weakly consistent replicated data", PDIS 1994. */
export const GUARANTEES = [
  'read-your-writes',
  'monotonic-reads',
  'monotonic-writes',
  'writes-follow-reads',
] as const;
export type Guarantee = (typeof GUARANTEES)[number];

/**
 * Whether each key's writes can be ordered so that a guarantee holds in every session. The order is the store's own
 * affair, not the clock's. Each session demands that some write come before another:
 *
 * read your writes: what it wrote, before what it read later
 * monotonic reads: what it read, before what it read later
 * monotonic writes: what it wrote, before what it wrote later; and every session saw them in that order
 * writes follow reads: what it read, before what it wrote later; and every session saw them in that order
 *
 * The guarantee is broken exactly when these demands go round in a circle. `isTested` is false when there are none.
 */
export function sessionContradiction(
  { sources, sessions }: Relations,
  guarantee: Guarantee,
): { readonly isTested: boolean; readonly contradiction: Contradiction } {
  const demands = new Demands(sources);
  let isTested = false;
  const isAboutWrites = guarantee === 'monotonic-writes' || guarantee === 'writes-follow-reads';
  for (const session of sessions) {
    for (const operations of byKey(session).values()) {
      if (demands.add(operations, guarantee)) isTested = true;
      if (isAboutWrites) demands.add(operations, 'monotonic-reads');
    }
  }
  return { isTested, contradiction: demands.contradiction() };
}

/** Which operations of a session make demands on which later ones: writes (true) or reads. */
const SHAPES: Readonly<Record<Guarantee, readonly [fromWrite: boolean, toWrite: boolean]>> = {
  'read-your-writes': [true, false],
  'monotonic-reads': [false, false],
  'monotonic-writes': [true, true],
  'writes-follow-reads': [false, true],
};

/**
 * The demands as a graph. Its nodes are versions, and for every write a point of its session from which on all that
 * the session wrote so far is demanded: without these points there would be an edge for every pair.
 */
class Demands {
  readonly #sources: Sources;
  readonly #versions = new Map<Operation | null, number>();
  readonly #who: (Operation | null)[] = [];
  readonly #edges: { readonly from: number; readonly to: number; readonly by: readonly Operation[] }[] = [];

  constructor(sources: Sources) {
    this.#sources = sources;
    for (const [reader, source] of sources) {
      // A compare-and-set comes right behind what it replaced; nothing is before the unwritten value.
      if (reader.kind === 'cas') this.#demand(source, reader, [reader]);
    }
  }

  /** Adds what the operations of one session on one key demand; returns whether that was anything. */
  add(operations: readonly Operation[], guarantee: Guarantee): boolean {
    const [fromWrite, toWrite] = SHAPES[guarantee];
    const before: Operation[] = [];
    const points: number[] = [];
    let isTested = false;
    for (const operation of operations) {
      const suits = toWrite ? isWrite(operation) : this.#sources.has(operation);
      const latest = before.at(-1);
      if (suits && latest !== undefined) {
        isTested = true;
        if (guarantee === 'read-your-writes') this.#demandAll(before, points, operation);
        else
          this.#demand(this.#version(latest, fromWrite), this.#version(operation, toWrite), [
            latest,
            operation,
          ]);
      }
      if (!isCertain(operation) || !(fromWrite ? isWrite(operation) : this.#sources.has(operation))) continue;
      before.push(operation);
      points.push(this.#pointBehind(points.at(-1), operation));
    }
    return isTested;
  }

  contradiction(): Contradiction {
    const graph = new Graph<readonly Operation[]>(this.#who.length);
    for (const { from, to, by } of this.#edges) graph.add(from, to, by);
    for (const node of this.#versions.values()) {
      const unwritten = this.#versions.get(null);
      if (unwritten !== undefined && node !== unwritten) graph.add(unwritten, node, []);
    }
    const circle = graph.circle();
    if (circle === null) return null;
    const named = circle.flatMap((node, index) => {
      const why = graph.why(node, circle[(index + 1) % circle.length] as number) ?? [];
      return [...why, ...[this.#who[node] ?? null].filter((each) => each !== null)];
    });
    return byCall([...new Set(named)]);
  }

  #version(operation: Operation, isWritten: boolean): Operation | null {
    return isWritten ? operation : (this.#sources.get(operation) ?? null);
  }

  #demand(before: Operation | null, after: Operation | null, by: readonly Operation[]): void {
    // What is demanded of a write and itself goes without saying, unless it was read before it was written.
    if (before === after && by.at(-1) !== after) return;
    this.#edges.push({ from: this.#node(before), to: this.#node(after), by });
  }

  /** All that the session wrote comes before what it reads now, unless it reads that very write. */
  #demandAll(written: readonly Operation[], points: readonly number[], reader: Operation): void {
    const version = this.#sources.get(reader) ?? null;
    const own = version === null ? -1 : written.lastIndexOf(version);
    const point = own === -1 ? points.at(-1) : points[own - 1];
    if (point !== undefined) this.#edges.push({ from: point, to: this.#node(version), by: [reader] });
    if (own === -1) return;
    for (const newer of written.slice(own + 1)) this.#demand(newer, version, [newer, reader]);
  }

  /** A point behind a write and behind the point before. */
  #pointBehind(point: number | undefined, write: Operation): number {
    const next = this.#who.push(null) - 1;
    this.#edges.push({ from: this.#node(write), to: next, by: [write] });
    if (point !== undefined) this.#edges.push({ from: point, to: next, by: [] });
    return next;
  }

  #node(version: Operation | null): number {
    const known = this.#versions.get(version);
    if (known !== undefined) return known;
    const node = this.#who.push(version) - 1;
    this.#versions.set(version, node);
    return node;
  }
}
