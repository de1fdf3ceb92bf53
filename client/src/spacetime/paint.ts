import { spacetimeWords as words, tickTime } from '../messages/spacetime.ts';
import type { Emphasis, Thing } from './emphasis.ts';
import type { Inks } from './inks.ts';
import { paintTiles } from './paint-tiles.ts';
import { paintBars, paintInstants, paintSigns } from './paint-things.ts';
import { AXIS, FAULT_HEIGHT, faultLanes } from './lanes.ts';
import { TOP } from './rows.ts';
import type { Scene } from './scene.ts';
import type { Merged } from './spans.ts';
import { PLACES_PER_MS } from './chunk.ts';
import { ticksOf, xOf } from './view.ts';
import { sideOf } from './walls.ts';

/** A label is cut short, but not to fewer characters than this. */
const LABEL_MIN = 8;

/** What else decides how a scene looks: what is stressed, and what was chosen. */
export type Manner = {
  readonly inks: Inks;
  readonly emphasis: Emphasis;
  readonly chosen: Thing | null;
  /** How far the lines are scrolled, and how high the canvas is. Pixels. */
  readonly top: number;
  readonly height: number;
  readonly labelOf: (thing: Thing & { kind: 'operation' }) => string;
};

/** Paints a scene as far as the canvas shows it. The line of time and the faults stay at the top. */
export function paint(context: CanvasRenderingContext2D, scene: Scene, manner: Manner): void {
  const { inks, top, height } = manner;
  context.clearRect(0, 0, scene.width, height);
  context.lineCap = 'butt';
  context.lineJoin = 'round';
  context.textBaseline = 'middle';
  context.textAlign = 'left';
  paintTicks(context, scene, manner);
  context.save();
  if (top > 0) {
    context.beginPath();
    context.rect(0, TOP - 4, scene.width, height);
    context.clip();
  }
  context.translate(0, -top);
  paintSides(context, scene, inks);
  paintLines(context, scene, inks);
  if (manner.emphasis.kind === 'cone') paintCone(context, scene, manner);
  paintGaps(context, scene, inks);
  paintTiles(context, scene, manner);
  paintBars(context, scene, manner);
  paintSigns(context, scene, manner);
  context.restore();
  paintInstants(context, scene, manner);
  paintFaults(context, scene, inks);
}

/** Rows on another side than the first get a tint, and a wall stands between neighbours that cannot talk. */
function paintSides(context: CanvasRenderingContext2D, scene: Scene, inks: Inks): void {
  const { rows, view, width } = scene;
  for (const span of scene.spans) {
    if (span.kind !== 'sides') continue;
    const x = Math.max(0, xOf(span.from, view, width));
    const right = Math.min(width, xOf(span.until, view, width));
    rows.list.forEach((row, index) => {
      const side = sideOf(row, span);
      context.globalAlpha = 0.55;
      context.fillStyle = side % 2 === 1 ? inks.tint.fail : inks.tint.open;
      if (side > 0) context.fillRect(x, row.y - rows.step / 2, right - x, rows.step);
      context.globalAlpha = 1;
      const below = rows.list[index + 1];
      if (below === undefined || sideOf(below, span) === side) return;
      const y = (row.y + below.y) / 2;
      context.strokeStyle = inks.outcome.fail;
      context.lineWidth = 3;
      context.setLineDash([10, 6]);
      line(context, x, y, right, y);
      context.setLineDash([]);
    });
  }
}

function paintTicks(context: CanvasRenderingContext2D, scene: Scene, { inks, height }: Manner): void {
  const { view, width } = scene;
  const ticks = ticksOf(view, width);
  const apart = (ticks[1] ?? 0) - (ticks[0] ?? 0);
  context.font = `600 12px ${inks.font}`;
  context.lineWidth = 1;
  for (const at of ticks) {
    const x = Math.round(xOf(at, view, width)) + 0.5;
    context.strokeStyle = inks.line;
    line(context, x, AXIS, x, height);
    context.fillStyle = inks.soft;
    context.fillText(tickTime(at, apart), x + 4, AXIS / 2 + 1);
  }
  context.strokeStyle = inks.faint;
  line(context, 0, AXIS - 0.5, width, AXIS - 0.5);
}

function paintLines(context: CanvasRenderingContext2D, scene: Scene, inks: Inks): void {
  const right = Math.min(scene.width, xOf(scene.end, scene.view, scene.width));
  for (const row of scene.rows.list) {
    context.strokeStyle = row.group === '' ? inks.faint : inks.group(row.look.hue);
    context.lineWidth = row.kind === 'group' ? 4 : 1.75;
    line(context, 0, row.y, right, row.y);
  }
}

/** Where nobody was at home: the line is gone while a node is down, and doubled while it is paused. */
function paintGaps(context: CanvasRenderingContext2D, scene: Scene, inks: Inks): void {
  const { rows, view, width } = scene;
  for (const span of scene.spans) {
    if (span.kind !== 'down' && span.kind !== 'paused') continue;
    const row = rows.list[rows.of[span.node] ?? -1];
    if (row === undefined || row.kind === 'group') continue;
    const x = Math.max(0, xOf(span.from, view, width));
    const right = Math.min(width, xOf(span.until, view, width));
    context.fillStyle = span.kind === 'down' ? inks.sunken : inks.surface;
    context.fillRect(x, row.y - 5, right - x, 10);
    context.strokeStyle = span.kind === 'down' ? inks.outcome.fail : inks.outcome.info;
    context.lineWidth = 1.5;
    context.setLineDash(span.kind === 'down' ? [2, 5] : []);
    for (const y of span.kind === 'down' ? [row.y] : [row.y - 4, row.y + 4]) line(context, x, y, right, y);
    context.setLineDash([]);
    line(context, x, row.y - 6, x, row.y + 6);
    line(context, right, row.y - 6, right, row.y + 6);
    label(context, words[span.kind], x + 5, row.y + 1, right - x - 8, inks, context.strokeStyle);
  }
}

/** Of each line, the part that can have led to what was chosen, and the part that can follow from it. */
function paintCone(context: CanvasRenderingContext2D, scene: Scene, { emphasis, inks }: Manner): void {
  if (emphasis.kind !== 'cone') return;
  const { view, width } = scene;
  for (const { nodes, y } of scene.rows.list) {
    const past = Math.max(...nodes.map((node) => emphasis.cone.past[node] ?? -Infinity)) / PLACES_PER_MS;
    const future = Math.min(...nodes.map((node) => emphasis.cone.future[node] ?? Infinity)) / PLACES_PER_MS;
    context.lineWidth = 5;
    context.strokeStyle = inks.past;
    if (past > view.from) line(context, 0, y, Math.min(width, xOf(past, view, width)), y);
    context.strokeStyle = inks.future;
    context.setLineDash([8, 4]);
    if (future < view.until) line(context, Math.max(0, xOf(future, view, width)), y, width, y);
    context.setLineDash([]);
  }
}

function paintFaults(context: CanvasRenderingContext2D, scene: Scene, inks: Inks): void {
  for (const { span, y } of faultLanes(scene.spans)) {
    const x = Math.max(-2, xOf(span.from, scene.view, scene.width));
    const right = Math.min(scene.width + 2, xOf(span.until, scene.view, scene.width));
    const isCut = isCutting(span);
    context.fillStyle = isCut ? inks.tint.fail : inks.tint.info;
    context.strokeStyle = isCut ? inks.outcome.fail : inks.outcome.info;
    context.lineWidth = 1.25;
    context.beginPath();
    context.roundRect(x, y, Math.max(3, right - x), FAULT_HEIGHT, 4);
    context.fill();
    context.stroke();
    label(context, span.text, x + 6, y + FAULT_HEIGHT / 2 + 0.5, right - x - 10, inks, context.strokeStyle);
  }
}

function isCutting(span: Merged): boolean {
  return span.kind === 'fault' && span.cuts;
}

/** A label that ends where there is no more room, and is not begun where there is hardly any. */
function label(
  context: CanvasRenderingContext2D,
  text: string,
  x: number,
  y: number,
  room: number,
  inks: Inks,
  ink: string | CanvasGradient | CanvasPattern,
): void {
  if (room < 24) return;
  context.font = `650 11px ${inks.font}`;
  context.fillStyle = ink;
  let shown = text;
  while (shown.length > 1 && context.measureText(shown).width > room)
    shown = `${shown.slice(0, -2).trimEnd()}…`;
  if (shown === text || shown.length > LABEL_MIN) context.fillText(shown, x, y);
}

function line(context: CanvasRenderingContext2D, x1: number, y1: number, x2: number, y2: number): void {
  context.beginPath();
  context.moveTo(x1, y1);
  context.lineTo(x2, y2);
  context.stroke();
}
