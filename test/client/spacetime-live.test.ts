import { expect, test } from 'vitest';
import type { Chunk } from '../../client/src/spacetime/chunk.ts';
import { Chronicle } from '../../client/src/spacetime/chronicle.ts';
import { Diagram } from '../../client/src/spacetime/diagram.svelte.ts';
import { LivePast } from '../../client/src/spacetime/live-past.ts';
import { mergeSpans } from '../../client/src/spacetime/spans.ts';
import { Fold } from '../../shared/recording/fold.ts';
import { endOf, type Recording } from '../../shared/recording/recording.ts';
import { headerFor, recordingOf, recordSome } from '../support/recordings.ts';

const RECORDING = recordingOf(recordSome(headerFor('etcd', 5, 3), 12_000, 5000));
const END = endOf(RECORDING);

/** A class as a console sees it: told of everything, and looking ten times a second. */
class Live {
  readonly past: LivePast;
  readonly fold: Fold;
  #next = 0;

  constructor({ header }: Recording, eventsMax?: number) {
    this.past = new LivePast(eventsMax);
    this.fold = new Fold(header);
    this.watch();
  }

  watch(): void {
    const { world } = this.fold;
    this.past.start(world);
    world.observe = (event) => this.past.observe(event);
    world.onInput = (node, { input }) => this.past.takeInput(node, input);
  }

  goTo(until: number): this {
    while (this.fold.now < until) {
      const at = Math.min(until, this.fold.now + 100);
      for (let entry = RECORDING.entries[this.#next]; entry !== undefined && entry.at <= at;) {
        this.fold.apply(entry);
        entry = RECORDING.entries[++this.#next];
      }
      this.fold.advance(at);
      this.past.passed();
    }
    return this;
  }
}

function ends(chunks: readonly Chunk[]): string[] {
  return chunks
    .flatMap((chunk) => chunk.messages)
    .map(({ from, to, number, sentAt, at, fate }) => [from, to, number, sentAt, at, fate].join(' '))
    .sort();
}

test('what is collected live is what the replay folds: every message, and what lasted', () => {
  const { past } = new Live(RECORDING).goTo(END);
  const chronicle = new Chronicle(RECORDING);
  chronicle.want(0, END);
  while (!chronicle.isWhole) chronicle.work(() => false);
  const [live, folded] = [past.chunks(0, END), chronicle.chunks(0, END)];
  expect(ends(live).length).toBeGreaterThan(500);
  expect(ends(live)).toEqual(ends(folded));
  const spans = (chunks: readonly Chunk[]) =>
    mergeSpans(chunks, { from: 0, until: END }).map(({ key, from, until }) => [key, from, until]);
  expect(spans(live)).toEqual(spans(folded));
});

test('the newest is there at once, and operations that end later are one bar', () => {
  const live = new Live(RECORDING).goTo(3050);
  expect(live.past.end).toBe(3050);
  expect(live.past.chunks(3000, 3050).at(-1)?.until).toBe(3050);
  const open = live.past.bars.all.length;
  live.goTo(6000);
  const ids = live.past.bars.all.map(({ operation }) => operation.id);
  expect(ids.length).toBeGreaterThan(open);
  expect(new Set(ids).size).toBe(ids.length);
});

test('the oldest is let go, and from when on all is known is said', () => {
  const live = new Live(RECORDING, 400).goTo(END);
  const all = live.past.chunks(0, END);
  expect(all.reduce((sum, { events }) => sum + events, 0)).toBeLessThanOrEqual(400);
  expect(live.past.begin).toBe(all[0]?.from);
  expect(live.past.begin).toBeGreaterThan(1000);
  expect(live.past.begin).toBeLessThan(END - 1000);
});

test('after a gap the past begins anew: nothing is shown that was not seen', () => {
  const live = new Live(RECORDING).goTo(4000);
  live.fold.world.observe = null;
  live.goTo(7000).watch();
  live.goTo(8000);
  expect(live.past.begin).toBe(7000);
  expect(live.past.chunks(0, 6999)).toEqual([]);
});

test('a diagram of a class stops following whatever is chosen, and never shows what was let go', () => {
  const live = new Live(RECORDING).goTo(5000);
  const diagram = new Diagram(live.fold.world.setup, live.past, 2000);
  diagram.work(() => false);
  diagram.show(5000);
  expect(diagram.view.until).toBeGreaterThan(5000);
  const message = live.past.chunks(4000, 5000)[0]?.messages[0];
  if (message === undefined) throw new Error('there is no message');
  diagram.choose(message);
  expect(diagram.following).toBe(false);
  const { view } = diagram;
  live.goTo(6000);
  diagram.work(() => false);
  expect(diagram.view).toEqual(view);
});
