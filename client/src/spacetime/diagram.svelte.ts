import type { NodeId } from '../../../shared/sim/operation.ts';
import type { Setup } from '../../../shared/sim/setup.ts';
import type { Bars } from './bars.ts';
import { coneOf } from './causality.ts';
import type { Chunk } from './chunk.ts';
import { Teller } from './describe.ts';
import { operationOf, type Emphasis, type Thing } from './emphasis.ts';
import { happeningsOf, startOf, type Happening } from './happenings.ts';
import type { Heap } from './heaps.ts';
import { search, type Finds } from './search.ts';
import type { Source } from './source.ts';
import { moved, showing, SPAN_MIN, turned, zoomed, type View } from './view.ts';

/** What is shown at first: a few round trips of any system. Virtual milliseconds. */
const SPAN_FIRST = 2500;
/** A little more than the run can be shown, so that its end is seen to be one: a share of it, milliseconds at least. */
const BEYOND = 0.02;
const BEYOND_MIN = 2000;
/** The drawing is made of tiles that reach over the ends of the view: a share of its length. */
const AROUND = 0.35;
/** To say what led to a chosen event that is out of sight, so much beyond the view is folded. */
const CONE_REACH = 60_000;

/** A space-time diagram of a run: what is in view, what was chosen, and what is stressed. */
export class Diagram {
  readonly nodes: readonly NodeId[];
  readonly teller: Teller;
  /** How long a message usually takes, virtual milliseconds. */
  readonly delay: number;
  readonly #source: Source;
  readonly #spanFirst: number;

  view: View = $state.raw({ from: 0, until: SPAN_FIRST });
  /** Groups drawn as one line, and nodes not drawn. */
  collapsed: ReadonlySet<string> = $state.raw(new Set());
  hidden: ReadonlySet<NodeId> = $state.raw(new Set());
  chosen: Thing | null = $state.raw(null);
  hovered: Thing | null = $state.raw(null);
  /** The heap of messages that is pointed at. */
  heap: Heap | null = $state.raw(null);
  /** Which of its events the keyboard stands at, where somebody chose by keyboard. */
  stand: (Pick<Happening, 'place'> & { readonly node: number }) | null = null;
  /** Whether the view goes along with the moment: of the replay, or of the class. */
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

  /** `span`: how much is shown at first, virtual milliseconds. */
  constructor(setup: Setup, source: Source, span = SPAN_FIRST) {
    this.nodes = setup.nodes;
    this.teller = new Teller(setup);
    this.delay = setup.network.delay;
    this.#source = source;
    this.#spanFirst = span;
    this.view = zoomed(this.reach, span / (this.reach.until - this.reach.from), source.begin, this.reach);
  }

  get isGrowing(): boolean {
    return this.#source.isGrowing;
  }

  /** From when on the run is known, virtual milliseconds. */
  get begin(): number {
    void this.#version;
    return this.#source.begin;
  }

  get end(): number {
    void this.#version;
    return this.#source.end;
  }

  get bars(): Bars {
    void this.#version;
    return this.#source.bars;
  }

  /** All that a view can be moved over. */
  get reach(): View {
    const { begin, end, isGrowing } = this.#source;
    const beyond = Math.max((end - begin) * BEYOND, isGrowing ? BEYOND_MIN : 0);
    // A class that has just begun is shown with room for what is to come.
    const least = isGrowing ? this.#spanFirst : SPAN_MIN;
    return { from: begin, until: Math.max(begin + least, end + beyond) };
  }

  /** The parts of the run that the view touches, as far as they are known, and a little around it. */
  get chunks(): readonly Chunk[] {
    void this.#version;
    const { from, until } = this.view;
    const around = (until - from) * AROUND;
    return this.#source.chunks(from - around, until + around);
  }

  /** Works out what is missing, until tired. Call it in every frame. */
  work(isTired: () => boolean): void {
    const { from, until } = this.#wanted();
    this.#source.want(from, until);
    if (this.#source.work(isTired)) {
      this.#version++;
      // What is looked at may have been let go meanwhile.
      if (this.isGrowing) this.view = moved(this.view, 0, this.reach);
    }
    this.isWhole = this.#source.isWhole;
    this.isOverfull = this.#source.isOverfull;
    this.failure = this.#source.failure;
  }

  /** The time to zoom around: that of the chosen thing, or the replay's moment, where it is in view. */
  around(at: number): number | undefined {
    const { from, until } = this.view;
    const times = this.chosen === null ? [at] : [startOf(this.chosen), at];
    return times.find((time) => time >= from && time <= until);
  }

  zoom(factor: number, around = (this.view.from + this.view.until) / 2): void {
    this.view = zoomed(this.view, factor, around, this.reach);
  }

  /** Moves the view; then it no longer goes along with the moment. */
  move(ms: number): void {
    this.following = false;
    this.view = moved(this.view, ms, this.reach);
  }

  showAll(): void {
    this.view = this.reach;
  }

  /** Has a moment in view. */
  show(at: number): void {
    this.view = showing(this.view, at, this.reach);
  }

  /** Has a moment in view, and moves only when it is not. */
  turnTo(at: number): void {
    this.view = turned(this.view, at, this.reach);
  }

  choose(thing: Thing | null): void {
    this.chosen = thing;
    this.stand = null;
    if (thing === null) return;
    // Nobody can read what runs away.
    if (this.isGrowing) this.following = false;
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
      const cone = coneOf(chosen, this.#source.chunks(from, until), this.nodes.length);
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
