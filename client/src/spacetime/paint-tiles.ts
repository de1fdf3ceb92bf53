import { HEAP_KINDS, type Heaps } from './heaps.ts';
import type { Manner } from './paint.ts';
import { paintArrows } from './paint-arrows.ts';
import type { Rows } from './rows.ts';
import type { Scene } from './scene.ts';
import { TILE_WIDTH, type Tile } from './tiles.ts';
import { xOf } from './view.ts';

/** A tile as it was painted, and all that decided how it looks. */
type Painted = {
  readonly canvas: HTMLCanvasElement;
  readonly density: number;
  readonly scale: number;
  readonly inks: Manner['inks'];
  readonly emphasis: Manner['emphasis'];
  readonly chosen: Manner['chosen'];
};

const painted = new WeakMap<Tile, Painted>();

/** The share of a line's room that the highest heap takes. */
const HIGHEST = 0.8;
const FAINT = 0.3;

/** Lays the tiles of a scene side by side; each is painted once as long as it looks the same. */
export function paintTiles(context: CanvasRenderingContext2D, scene: Scene, manner: Manner): void {
  const { a: density } = context.getTransform();
  const { view, width, rows } = scene;
  const [top, height] = [manner.top, Math.min(manner.height, rows.height - manner.top)];
  if (height <= 0) return;
  for (const tile of scene.tiles) {
    if (tile.arrows.length === 0 && tile.heaps === null) continue;
    const { canvas } = paintedTile(tile, scene, manner, density);
    // On whole pixels: between them the browser would mix neighbours, which is slow and blurs.
    const left = Math.round(xOf(tile.view.from, view, width) * density) / density;
    const [high, from] = [height * density, top * density];
    context.drawImage(canvas, 0, from, canvas.width, high, left, top, canvas.width / density, height);
  }
}

function paintedTile(tile: Tile, { rows, scale }: Scene, manner: Manner, density: number): Painted {
  const known = painted.get(tile);
  const { inks, emphasis, chosen } = manner;
  if (
    known?.density === density &&
    known.inks === inks &&
    isSame(known.emphasis, emphasis) &&
    known.chosen === chosen &&
    (known.scale === scale || tile.heaps === null)
  )
    return known;
  const canvas = known?.canvas ?? document.createElement('canvas');
  canvas.width = Math.ceil(TILE_WIDTH * density);
  canvas.height = Math.ceil(rows.height * density);
  const context = canvas.getContext('2d');
  if (context !== null) {
    context.scale(density, density);
    context.lineJoin = 'round';
    if (tile.heaps !== null) paintHeaps(context, tile.heaps, rows, scale, manner);
    paintArrows(context, tile.arrows, manner);
  }
  const fresh = { canvas, density, scale, inks, emphasis, chosen };
  painted.set(tile, fresh);
  return fresh;
}

function isSame(one: Manner['emphasis'], other: Manner['emphasis']): boolean {
  return one === other || (one.kind === 'none' && other.kind === 'none');
}

/** Heaps stand on their line, what was lost at the bottom, then by kind. */
function paintHeaps(
  context: CanvasRenderingContext2D,
  { slots, counts }: Heaps,
  { list, step }: Rows,
  scale: number,
  { inks, emphasis }: Manner,
): void {
  const width = TILE_WIDTH / slots;
  const unit = (step * HIGHEST) / scale;
  context.globalAlpha = emphasis.kind === 'none' ? 1 : FAINT;
  for (let slot = 0; slot < slots; slot++) {
    list.forEach(({ y }, row) => {
      let bottom = y;
      HEAP_KINDS.forEach((kind, index) => {
        const count = counts[(slot * list.length + row) * HEAP_KINDS.length + index] ?? 0;
        if (count === 0) return;
        // A single message must be seen beside a thousand.
        const height = Math.max(1, count * unit);
        context.fillStyle = kind === 'lost' ? inks.outcome.fail : inks.message[kind];
        context.fillRect(slot * width, bottom - height, width - 0.75, height);
        bottom -= height;
      });
    });
  }
  context.globalAlpha = 1;
}
