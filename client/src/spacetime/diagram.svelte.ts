import { setupOf } from '../../../shared/recording/setup.ts';
import type { Recording } from '../../../shared/recording/recording.ts';
import type { NodeId, OperationRecord } from '../../../shared/sim/operation.ts';
import { Bars } from './bars.ts';
import { coneOf } from './causality.ts';
import type { Chunk } from './chunk.ts';
import { Chronicle } from './chronicle.ts';
import { Teller } from './describe.ts';
import { operationOf, type Emphasis, type Thing } from './emphasis.ts';
import { happeningsOf, startOf, type Happening } from './happenings.ts';
import { search, type Finds } from './search.ts';
import { moved, showing, spanMax, zoomed, type View } from './view.ts';

/** What is shown at first: a few round trips of any system. Virtual milliseconds. */
const SPAN_FIRST = 2500;
/** To say what led to a chosen event that is out of sight, so much beyond the view is folded. */
const CONE_REACH = 60_000;

/** A space-time diagram of a recording: what is in view, what was chosen, and what is stressed. */
export class Diagram {
  readonly end: number;
  readonly nodes: readonly NodeId[];
  readonly bars: Bars;
  readonly teller: Teller;
  /** How long a message usually takes, virtual milliseconds. */
  readonly delay: number;
  readonly #chronicle: Chronicle;

  view: View = $state.raw({ from: 0, until: SPAN_FIRST });
  /** Groups drawn as one line, and nodes not drawn. */
  collapsed: ReadonlySet<string> = $state.raw(new Set());
  hidden: ReadonlySet<NodeId> = $state.raw(new Set());
  chosen: Thing | null = $state.raw(null);
  hovered: Thing | null = $state.raw(null);
  /** Which of its events the keyboard stands at, where somebody chose by keyboard. */
  stand: (Pick<Happening, 'place'> & { readonly node: number }) | null = null;
  /** Whether the view goes along with the replay's moment. */
  following = $state(true);
  query = $state('');
  /** Whether the whole view has been worked out, and why it cannot be. */
  isWhole = $state(false);
  isOverfull = $state(false);
  failure: string | null = $state(null);
  /** Grows with each part of the run that was worked out. */
  #version = $state(0);
  #stress: 'cone' | 'operation' = $state('cone');

  readonly finds: Finds | null = $derived.by(() => this.#find());
  readonly emphasis: Emphasis = $derived.by(() => this.#emphasise());

  /** `operations`: all of the run. Throws HeaderError when the recording names what this page does not know. */
  constructor(recording: Recording, operations: readonly OperationRecord[]) {
    const setup = setupOf(recording.header);
    this.nodes = recording.header.nodes;
    this.teller = new Teller(setup);
    this.delay = setup.network.delay;
    this.bars = new Bars(operations, this.nodes);
    this.#chronicle = new Chronicle(recording);
    this.end = this.#chronicle.end;
    this.view = { from: 0, until: Math.min(SPAN_FIRST, spanMax(this.end)) };
  }

  /** The parts of the run that the view touches, as far as they are worked out. */
  get chunks(): readonly Chunk[] {
    void this.#version;
    const { from, until } = this.view;
    return this.#chronicle.chunks(from, until);
  }

  /** Works out what is missing, until tired. Call it in every frame. */
  work(isTired: () => boolean): void {
    const { from, until } = this.#wanted();
    this.#chronicle.want(from, until);
    if (this.#chronicle.work(isTired)) this.#version++;
    this.isWhole = this.#chronicle.isWhole;
    this.isOverfull = this.#chronicle.isOverfull;
    this.failure = this.#chronicle.failure;
  }

  /** The time to zoom around: that of the chosen thing, or the replay's moment, where it is in view. */
  around(at: number): number | undefined {
    const { from, until } = this.view;
    const times = this.chosen === null ? [at] : [startOf(this.chosen), at];
    return times.find((time) => time >= from && time <= until);
  }

  zoom(factor: number, around = (this.view.from + this.view.until) / 2): void {
    this.view = zoomed(this.view, factor, around, this.end);
  }

  /** Moves the view; then it no longer goes along with the moment. */
  move(ms: number): void {
    this.following = false;
    this.view = moved(this.view, ms, this.end);
  }

  showAll(): void {
    this.view = { from: 0, until: spanMax(this.end) };
  }

  /** Has a moment in view. */
  show(at: number): void {
    this.view = showing(this.view, at, this.end);
  }

  choose(thing: Thing | null): void {
    this.chosen = thing;
    this.stand = null;
    if (thing === null) return;
    this.#stress = thing.kind === 'operation' ? 'operation' : 'cone';
  }

  /** Stresses what can have led to the chosen event and what can follow from it. */
  showCone(): void {
    this.#stress = 'cone';
  }

  /** Stresses the messages of the operation that the chosen thing belongs to. */
  followOperation(): void {
    this.#stress = 'operation';
  }

  toggleCollapsed(group: string): void {
    this.collapsed = toggled(this.collapsed, group);
  }

  toggleHidden(node: NodeId): void {
    this.hidden = toggled(this.hidden, node);
  }

  showHidden(): void {
    this.hidden = new Set();
  }

  /** Chooses the next find after the chosen one, or the one before it, around the end. */
  goToFind(direction: 1 | -1): void {
    const things = this.finds?.things ?? [];
    const current = this.chosen === null ? -1 : things.indexOf(this.chosen);
    const start = current === -1 && direction === -1 ? 0 : current;
    const thing = things[(start + direction + things.length) % Math.max(1, things.length)];
    if (thing !== undefined) this.goTo(thing);
  }

  goTo(thing: Thing): void {
    this.choose(thing);
    this.following = false;
    this.show(startOf(thing));
  }

  /** All events in view, in order. */
  happenings(isShown: (node: number) => boolean): Happening[] {
    const { from, until } = this.view;
    return happeningsOf(this.chunks, this.bars.between(from, until), this.view, isShown);
  }

  #wanted(): View {
    const { chosen, view } = this;
    if (chosen === null || chosen.kind === 'operation') return view;
    const at = startOf(chosen);
    if (at < view.from - CONE_REACH || at > view.until + CONE_REACH) return view;
    return { from: Math.min(view.from, at), until: Math.max(view.until, at) };
  }

  #find(): Finds | null {
    if (this.query.trim() === '') return null;
    return search(this.query, this.chunks, this.bars.all, this.view, this.teller);
  }

  #emphasise(): Emphasis {
    void this.#version;
    const { chosen } = this;
    const operation = chosen === null ? null : operationOf(chosen);
    if (this.#stress === 'operation' && operation !== null) return { kind: 'operation', id: operation };
    if (chosen !== null && chosen.kind !== 'operation') {
      const { from, until } = this.#wanted();
      const cone = coneOf(chosen, this.#chronicle.chunks(from, until), this.nodes.length);
      if (cone !== null) return { kind: 'cone', of: chosen, cone };
    }
    if (this.finds === null) return { kind: 'none' };
    return { kind: 'search', found: new Set(this.finds.things), operations: this.finds.operations };
  }
}

function toggled<T>(set: ReadonlySet<T>, item: T): ReadonlySet<T> {
  const changed = new Set(set);
  if (!changed.delete(item)) changed.add(item);
  return changed;
}
