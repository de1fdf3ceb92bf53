import type { Arrow } from './arrows.ts';
import { arrowOf, isBetweenLines } from './arrows.ts';
import type { Chunk, Message } from './chunk.ts';
import { heap, type Heaps } from './heaps.ts';
import type { Rows } from './rows.ts';
import { mergeSpans } from './spans.ts';
import type { View } from './view.ts';
import { Walls } from './walls.ts';

/**
 * A piece of the drawing, of equal length in time and always at the same places, so that it is worked out and painted
 * once however the window moves over it. Its messages are arrows. Where those are too many, heartbeats are counted in
 * heaps, and where the others still are, everything is.
 */
export type Tile = {
  readonly view: View;
  /** With places in pixels from the tile's left edge. */
  readonly arrows: readonly Arrow[];
  readonly heaps: Heaps | null;
  /** What is drawn as arrows: every message, all but heartbeats, or none. */
  readonly manner: 'all' | 'lively' | 'none';
  /** The chunks it was made of, and until when some of its messages may still meet another fate. */
  readonly chunks: readonly Chunk[];
  readonly openUntil: number;
};

export const TILE_WIDTH = 160;
/** More arrows than this in one tile nobody can tell apart. */
export const ARROWS_MAX = 140;
/** A heap is so wide. Pixels. */
const SLOT_WIDTH = 4;
/** Heads and crosses reach so far over the end of an arrow. Pixels. */
const MARGIN = 14;
/** Tiles kept beside those in view. */
const KEPT_MAX = 60;

/** Tiles of one zoom. */
type Shelf = { readonly msPerPixel: number; readonly tiles: Map<number, Tile>; scale: number };

/** One shelf for each arrangement of lines: another zoom begins a new one. */
const shelves = new WeakMap<Rows, Shelf>();

/** The tiles of a window, and how many messages the highest heap stands for: a power of two, the same for all tiles. */
export function tilesOf(
  chunks: readonly Chunk[],
  rows: Rows,
  view: View,
  width: number,
  end: number,
  delay: number,
): { readonly tiles: readonly Tile[]; readonly scale: number } {
  const msPerPixel = (view.until - view.from) / width;
  const shelf = shelfFor(rows, msPerPixel);
  const length = TILE_WIDTH * msPerPixel;
  const tiles: Tile[] = [];
  for (let index = Math.floor(view.from / length); index * length < view.until; index++) {
    const tileView = { from: index * length, until: (index + 1) * length };
    const own = chunks.filter((chunk) => chunk.until >= tileView.from && chunk.from <= tileView.until);
    const known = shelf.tiles.get(index);
    const tile =
      known !== undefined && isGood(known, own, end)
        ? known
        : cut(own, rows, tileView, delay, tileView.until > end ? tiles.at(-1) : undefined);
    // What is used last stands last, so that the first ones are let go.
    shelf.tiles.delete(index);
    shelf.tiles.set(index, tile);
    shelf.scale = Math.max(shelf.scale, 2 ** Math.ceil(Math.log2(Math.max(1, tile.heaps?.most ?? 0))));
    tiles.push(tile);
  }
  for (const index of shelf.tiles.keys()) {
    if (shelf.tiles.size <= KEPT_MAX + tiles.length) break;
    shelf.tiles.delete(index);
  }
  return { tiles, scale: shelf.scale };
}

function shelfFor(rows: Rows, msPerPixel: number): Shelf {
  const known = shelves.get(rows);
  // A window that only moves keeps its zoom but for the last digits.
  if (known !== undefined && Math.abs(known.msPerPixel / msPerPixel - 1) < 1e-9) return known;
  const shelf = { msPerPixel, tiles: new Map<number, Tile>(), scale: 1 };
  shelves.set(rows, shelf);
  return shelf;
}

function isGood({ chunks, openUntil }: Tile, own: readonly Chunk[], end: number): boolean {
  if (openUntil < end && openUntil > -Infinity) return false;
  return chunks.length === own.length && chunks.every((chunk, index) => chunk === own[index]);
}

/** `like`: the tile before one that time has not filled yet, which must not change its manner when it has. */
function cut(chunks: readonly Chunk[], rows: Rows, view: View, delay: number, like?: Tile): Tile {
  const margin = ((view.until - view.from) / TILE_WIDTH) * MARGIN;
  const touches = (message: Message): boolean =>
    message.at >= view.from - margin &&
    message.sentAt <= view.until + margin &&
    isBetweenLines(message, rows);
  const ended = chunks.flatMap(({ messages }) => messages);
  const flying = chunks.at(-1)?.underWay ?? [];
  const open = flying.filter(({ fate }) => fate === 'under way');
  const openUntil = open.reduce((latest, { at }) => Math.max(latest, at), -Infinity);
  const touching = [...ended, ...flying].filter(touches);
  const lively = touching.filter(({ look }) => look !== 'beat');
  const own = mannerFor(touching.length, lively.length);
  const manner =
    like !== undefined && MANNERS.indexOf(like.manner) > MANNERS.indexOf(own) ? like.manner : own;
  const drawn = manner === 'all' ? touching : manner === 'lively' ? lively : [];
  const all = [...ended, ...flying];
  const left = manner === 'lively' ? all.filter(({ look }) => look === 'beat') : all;
  const slots = TILE_WIDTH / SLOT_WIDTH;
  const walls = new Walls(mergeSpans(chunks, view), rows);
  return {
    view,
    arrows: drawn.map((message) => arrowOf(message, { rows, view, width: TILE_WIDTH, delay, walls })),
    heaps: manner === 'all' ? null : heap(left, rows, view.from, (view.until - view.from) / slots, slots),
    manner,
    chunks,
    openUntil,
  };
}

/** The finest first. */
const MANNERS: readonly Tile['manner'][] = ['all', 'lively', 'none'];

function mannerFor(all: number, lively: number): Tile['manner'] {
  if (all <= ARROWS_MAX) return 'all';
  return lively <= ARROWS_MAX ? 'lively' : 'none';
}
