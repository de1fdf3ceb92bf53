import { endOf, type Bar, type Bars } from './bars.ts';
import type { Chunk, Message, Sign } from './chunk.ts';
import type { Row, Rows } from './rows.ts';
import { mergeSpans, type Merged } from './spans.ts';
import { levelFor, thin } from './thin.ts';
import { Walls } from './walls.ts';
import type { View } from './view.ts';

/** A message as an arrow. `cross`: where it was lost; then the arrow ends there. Pixels. */
export type Arrow = {
  readonly message: Message;
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
  readonly cross: boolean;
};

export type DrawnBar = { readonly bar: Bar; readonly x: number; readonly y: number; readonly width: number };
export type DrawnSign = { readonly sign: Sign; readonly x: number; readonly y: number };

/** Everything that is to be drawn of a window, with its places in pixels. */
export type Scene = {
  readonly view: View;
  readonly width: number;
  readonly rows: Rows;
  readonly arrows: readonly Arrow[];
  /** Messages of the window that have a line at both ends, and how many of them are not drawn for want of room. */
  readonly messages: number;
  readonly leftOut: number;
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

/** More arrows than this nobody can tell apart, and a frame would take too long. */
export const ARROWS_MAX = 2500;
/** Signs and bars of one kind this close to each other are drawn once. Pixels. */
const SIGN_APART = 7;
const BAR_APART = 2;

/** Where along its way a message ends that its link lost by chance. */
const LOST_AT = 0.62;

/** Works out what a window shows. */
export function sceneOf(sight: Sight): Scene {
  const { chunks, rows, view, width } = sight;
  const spans = mergeSpans(chunks, view);
  const { arrows, messages } = arrowsOf(sight, new Walls(spans, rows));
  return {
    view,
    width,
    rows,
    arrows,
    messages,
    leftOut: messages - arrows.length,
    bars: barsOf(sight),
    barHeight: barHeightOf(rows),
    signs: signsOf(sight),
    spans,
    end: sight.end,
  };
}

export function xOf(at: number, { from, until }: View, width: number): number {
  return ((at - from) / (until - from)) * width;
}

export function timeOf(x: number, { from, until }: View, width: number): number {
  return from + (x / width) * (until - from);
}

export function barHeightOf({ step }: Rows): number {
  return Math.max(6, Math.min(14, step * 0.15));
}

/** How far below its line the first lane of bars is. */
export const BARS_BELOW = 6;
/** How far above its line a node's signs are. */
export const SIGNS_ABOVE = 10;

function arrowsOf(sight: Sight, walls: Walls): { arrows: Arrow[]; messages: number } {
  const { chunks, view, width } = sight;
  const flying = (chunks.at(-1)?.underWay ?? []).filter((message) => isVisible(message, sight));
  let messages = flying.length;
  for (const chunk of chunks) for (const message of chunk.messages) if (isVisible(message, sight)) messages++;
  const msPerPixel = (view.until - view.from) / width;
  const level =
    messages <= ARROWS_MAX ? 0 : levelFor(chunks, ARROWS_MAX, Math.max(0, Math.floor(Math.log2(msPerPixel))));
  const drawn = chunks.flatMap((chunk) => thin(chunk, level).filter((message) => isVisible(message, sight)));
  const arrows = [...drawn, ...flying].slice(0, ARROWS_MAX).map((message) => arrowOf(message, sight, walls));
  return { arrows, messages };
}

/** Whether a message is on its way at some time of the view, between two lines that are shown. */
function isVisible({ from, to, sentAt, at }: Message, { rows, view }: Sight): boolean {
  if (at < view.from || sentAt > view.until) return false;
  const row = rows.of[from] ?? -1;
  const other = rows.of[to] ?? -1;
  return row !== -1 && other !== -1 && row !== other;
}

function arrowOf(message: Message, sight: Sight, walls: Walls): Arrow {
  const { rows, view, width, delay } = sight;
  const { from, to, sentAt, at, fate } = message;
  const y1 = yOf(rows, from);
  const way = yOf(rows, to) - y1;
  const share = fate === 'cut' ? walls.shareOf(message) : fate === 'loss' ? LOST_AT : 1;
  const due = at === sentAt && share < 1 ? sentAt + delay : at;
  return {
    message,
    x1: xOf(sentAt, view, width),
    y1,
    x2: xOf(sentAt + (due - sentAt) * share, view, width),
    y2: y1 + way * share,
    cross: fate !== 'delivered' && fate !== 'under way',
  };
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

function yOf(rows: Rows, node: number): number {
  const row: Row | undefined = rows.list[rows.of[node] ?? -1];
  return row?.y ?? 0;
}
