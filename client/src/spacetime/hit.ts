import type { Thing } from './emphasis.ts';
import { TOP } from './rows.ts';
import type { Arrow } from './arrows.ts';
import { heapAt, type Heap } from './heaps.ts';
import { arrowsIn, type Scene } from './scene.ts';
import { timeOf } from './view.ts';

/** How close a pointer must come. Pixels. */
const SIGN_REACH = 9;
const ARROW_REACH = 6;

/** What is drawn at a place of a canvas whose lines are scrolled so far, the smallest things first; null where nothing is. */
export function thingAt(scene: Scene, x: number, onCanvas: number, scrolled: number): Thing | null {
  const y = onCanvas + scrolled;
  const sign = nearest(scene.signs, SIGN_REACH, (drawn) => {
    if (drawn.sign.node !== null) return Math.hypot(drawn.x - x, drawn.y - y);
    return onCanvas < TOP ? Math.abs(drawn.x - x) : Infinity;
  });
  if (sign !== null) return sign.sign;
  const bar = scene.bars.find(
    (drawn) =>
      x >= drawn.x - 2 &&
      x <= drawn.x + drawn.width + 2 &&
      y >= drawn.y - 1 &&
      y <= drawn.y + scene.barHeight + 1,
  );
  if (bar !== undefined) return bar.bar;
  return nearest(arrowsIn(scene), ARROW_REACH, (arrow) => distance(arrow, x, y))?.message ?? null;
}

/** The heap at a place of the canvas; null where messages are drawn as arrows or where none ended. */
export function heapUnder(scene: Scene, x: number, onCanvas: number, scrolled: number): Heap | null {
  const at = timeOf(x, scene.view, scene.width);
  const y = onCanvas + scrolled;
  const heaps = scene.tiles.find(({ view }) => at > view.from && at <= view.until)?.heaps ?? null;
  const row = scene.rows.list.findIndex((line) => y <= line.y && y > line.y - scene.rows.step);
  return heaps === null ? null : heapAt(heaps, scene.rows, row, at);
}

function nearest<T>(candidates: readonly T[], reach: number, measure: (candidate: T) => number): T | null {
  let best: T | null = null;
  let least = reach;
  for (const candidate of candidates) {
    const away = measure(candidate);
    if (away > least) continue;
    best = candidate;
    least = away;
  }
  return best;
}

/** From a place to the nearest point of an arrow. */
function distance({ x1, y1, x2, y2 }: Arrow, x: number, y: number): number {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const length = dx * dx + dy * dy;
  const share = length === 0 ? 0 : Math.max(0, Math.min(1, ((x - x1) * dx + (y - y1) * dy) / length));
  return Math.hypot(x1 + share * dx - x, y1 + share * dy - y);
}
