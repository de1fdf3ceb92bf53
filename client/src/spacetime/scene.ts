import { endOf, type Bar, type Bars } from './bars.ts';
import { isBetweenLines, type Arrow } from './arrows.ts';
import type { Chunk, Message, Sign } from './chunk.ts';
import type { Rows } from './rows.ts';
import { mergeSpans, type Merged } from './spans.ts';
import { tilesOf, type Tile } from './tiles.ts';
import { xOf, type View } from './view.ts';

export type DrawnBar = { readonly bar: Bar; readonly x: number; readonly y: number; readonly width: number };
export type DrawnSign = { readonly sign: Sign; readonly x: number; readonly y: number };

/** Everything that is to be drawn of a window, with its places in pixels. */
export type Scene = {
  readonly view: View;
  readonly width: number;
  readonly rows: Rows;
  readonly tiles: readonly Tile[];
  /** How many messages the highest heap can stand for. */
  readonly scale: number;
  /** Messages of the window that have a line at both ends. */
  readonly messages: number;
  readonly bars: readonly DrawnBar[];
  /** The height of a bar. */
  readonly barHeight: number;
  readonly signs: readonly DrawnSign[];
  readonly spans: readonly Merged[];
  readonly end: number;
};

export type Sight = {
  readonly chunks: readonly Chunk[];
  readonly bars: Bars;
  readonly rows: Rows;
  readonly view: View;
  readonly width: number;
  /** The end of the run. */
  readonly end: number;
  /** How long a message usually takes, milliseconds: one lost at once is drawn as if it had set out. */
  readonly delay: number;
};

/** Signs and bars of one kind this close to each other are drawn once. Pixels. */
const SIGN_APART = 7;
const BAR_APART = 2;

/** Works out what a window shows. */
export function sceneOf(sight: Sight): Scene {
  const { chunks, rows, view, width, end, delay } = sight;
  return {
    view,
    width,
    rows,
    ...tilesOf(chunks, rows, view, width, end, delay),
    messages: countMessages(sight),
    bars: barsOf(sight),
    barHeight: barHeightOf(rows),
    signs: signsOf(sight),
    spans: mergeSpans(chunks, view),
    end: sight.end,
  };
}

/** All arrows of a scene, each once, with places in its window. */
export function arrowsIn({ tiles, view, width }: Scene): Arrow[] {
  const seen = new Set<Message>();
  return tiles.flatMap((tile) => {
    const left = xOf(tile.view.from, view, width);
    return tile.arrows.flatMap((arrow): Arrow[] => {
      const { message, x1, x2 } = arrow;
      if (seen.has(message) || message.at < view.from || message.sentAt > view.until) return [];
      seen.add(message);
      return [{ ...arrow, x1: x1 + left, x2: x2 + left }];
    });
  });
}

export function barHeightOf({ step }: Rows): number {
  return Math.max(6, Math.min(14, step * 0.15));
}

/** How far below its line the first lane of bars is. */
export const BARS_BELOW = 6;
/** How far above its line a node's signs are. */
export const SIGNS_ABOVE = 10;

/** Of each chunk, how many of its messages have a line at both ends: counted once for an arrangement of lines. */
const counted = new WeakMap<Chunk, { readonly rows: Rows; readonly count: number }>();

function countMessages({ chunks, rows, view }: Sight): number {
  const isSeen = (message: Message): boolean =>
    message.at >= view.from && message.sentAt <= view.until && isBetweenLines(message, rows);
  let count = (chunks.at(-1)?.underWay ?? []).filter(isSeen).length;
  for (const chunk of chunks) {
    const isInside = chunk.from >= view.from && chunk.until <= view.until;
    count += isInside ? countWithin(chunk, rows) : chunk.messages.filter(isSeen).length;
  }
  return count;
}

function countWithin(chunk: Chunk, rows: Rows): number {
  const known = counted.get(chunk);
  if (known?.rows === rows) return known.count;
  const count = chunk.messages.filter((message) => isBetweenLines(message, rows)).length;
  counted.set(chunk, { rows, count });
  return count;
}

function barsOf({ bars, rows, view, width, end }: Sight): DrawnBar[] {
  const height = barHeightOf(rows) + 1;
  const apart = bucketOf(view, width, BAR_APART);
  const seen = new Set<string>();
  return bars.between(view.from, view.until).flatMap((bar): DrawnBar[] => {
    const row = rows.list[rows.of[bar.node] ?? -1];
    if (row === undefined) return [];
    const { invoked, returned } = bar.operation;
    const until = Math.min(endOf(bar.operation), end);
    const what = returned === null ? 'open' : bar.operation.class;
    const key = `${row.key} ${bar.lane} ${what} ${Math.floor(invoked / apart)} ${Math.floor(until / apart)}`;
    if (seen.has(key)) return [];
    seen.add(key);
    const x = xOf(invoked, view, width);
    const right = xOf(until, view, width);
    return [{ bar, x, y: row.y + BARS_BELOW + bar.lane * height, width: Math.max(4, right - x) }];
  });
}

function signsOf({ chunks, rows, view, width }: Sight): DrawnSign[] {
  const apart = bucketOf(view, width, SIGN_APART);
  const seen = new Set<string>();
  return chunks
    .flatMap(({ signs }) => signs)
    .flatMap((sign): DrawnSign[] => {
      if (sign.at < view.from || sign.at > view.until) return [];
      const row = sign.node === null ? null : (rows.list[rows.of[sign.node] ?? -1] ?? undefined);
      if (row === undefined) return [];
      const name = 'name' in sign.what && !('kind' in sign.what) ? sign.what.name : 'command';
      const key = `${row?.key ?? ''} ${name} ${Math.floor(sign.at / apart)}`;
      if (seen.has(key)) return [];
      seen.add(key);
      return [{ sign, x: xOf(sign.at, view, width), y: row === null ? 0 : row.y - SIGNS_ABOVE }];
    });
}

/** A power of two of milliseconds that is about so many pixels: what is drawn does not change as the window moves. */
function bucketOf({ from, until }: View, width: number, pixels: number): number {
  return 2 ** Math.ceil(Math.log2(((until - from) / width) * pixels));
}
