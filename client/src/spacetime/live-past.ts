import type { NodeInput } from '../../../shared/sim/node.ts';
import type { NodeId } from '../../../shared/sim/operation.ts';
import type { TimelineEvent } from '../../../shared/sim/timeline.ts';
import type { World } from '../../../shared/sim/world.ts';
import { Bars } from './bars.ts';
import { CHUNK_MS, type Chunk } from './chunk.ts';
import { Collector } from './collector.ts';
import type { Source } from './source.ts';

/** Beyond so many events the oldest chunks are let go: some minutes of a class of thirty. */
const EVENTS_MAX = 200_000;

/**
 * What has happened lately in a class that goes on. It is told everything while it happens (`start`, `observe`,
 * `takeInput`) and puts it away in chunks whenever time has `passed`.
 */
export class LivePast implements Source {
  readonly isGrowing = true;
  readonly isWhole = true;
  readonly isOverfull = false;
  readonly failure = null;
  readonly #eventsMax: number;
  #bars = new Bars([], []);
  #world: World | null = null;
  #collector: Collector | null = null;
  #chunks: Chunk[] = [];
  #events = 0;
  #isNew = false;

  constructor(eventsMax = EVENTS_MAX) {
    this.#eventsMax = eventsMax;
  }

  /** From when on everything is known; earlier things were let go, or happened before this page watched. */
  get begin(): number {
    return this.#chunks[0]?.from ?? this.end;
  }

  get end(): number {
    return this.#world?.now ?? 0;
  }

  get bars(): Bars {
    return this.#bars;
  }

  /** Begins anew with a world as it stands: between this and what was known before, something was missed. */
  start(world: World): void {
    this.#world = world;
    this.#collector = new Collector(world);
    this.#bars = new Bars(world.operations, world.setup.nodes);
    this.#chunks = [];
    this.#events = 0;
    this.#isNew = true;
  }

  observe(event: TimelineEvent): void {
    this.#collector?.observe(event);
  }

  takeInput(node: NodeId, input: NodeInput): void {
    this.#collector?.takeInput(node, input);
  }

  /** Puts away what has happened since the last time. */
  passed(): void {
    if (this.#collector === null || this.#world === null) return;
    const fresh = this.#collector.take();
    if (fresh.until === fresh.from && fresh.events === 0) return;
    const open = this.#chunks.at(-1);
    if (open === undefined || open.until - open.from >= CHUNK_MS) this.#chunks.push(fresh);
    else this.#chunks[this.#chunks.length - 1] = joined(open, fresh);
    this.#events += fresh.events;
    while (this.#events > this.#eventsMax && this.#chunks.length > 1) {
      this.#events -= this.#chunks.shift()?.events ?? 0;
    }
    this.#bars.extend(this.#world.operations);
    this.#isNew = true;
  }

  want(): void {
    // What is known is known already.
  }

  chunks(from: number, until: number): Chunk[] {
    return this.#chunks.filter((chunk) => chunk.until >= from && chunk.from <= until);
  }

  work(): boolean {
    const isNew = this.#isNew;
    this.#isNew = false;
    return isNew;
  }
}

function joined(open: Chunk, next: Chunk): Chunk {
  return {
    from: open.from,
    until: next.until,
    messages: [...open.messages, ...next.messages],
    underWay: next.underWay,
    signs: [...open.signs, ...next.signs],
    spans: [...open.spans, ...next.spans],
    events: open.events + next.events,
  };
}
