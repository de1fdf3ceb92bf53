import { strengthOf, type Thing } from './emphasis.ts';
import type { Inks } from './inks.ts';
import { AXIS } from './lanes.ts';
import { HOLLOW, lookOfSign, SIGN_PATHS, type SignLook } from './looks.ts';
import type { Manner } from './paint.ts';
import type { DrawnBar, Scene } from './scene.ts';

/** Labels need lines this far apart. Pixels. */
const LABEL_STEP_MIN = 40;
const FAINT = 0.25;

/**
 * Paints operations: a full bar for what certainly happened, one with a cross for what certainly did not, an
 * open dashed one for what nobody knows, and one without an end while there is no answer.
 */
export function paintBars(context: CanvasRenderingContext2D, scene: Scene, manner: Manner): void {
  for (const drawn of scene.bars) {
    context.globalAlpha = isFaint(drawn.bar, manner) ? FAINT : 1;
    paintBar(context, drawn, scene.barHeight, manner);
  }
  if (scene.rows.step >= LABEL_STEP_MIN) labelBars(context, scene, manner);
  context.globalAlpha = 1;
}

export function paintSigns(context: CanvasRenderingContext2D, scene: Scene, manner: Manner): void {
  const paths = new Map<SignLook, Path2D>();
  for (const drawn of scene.signs) {
    const { sign, x, y } = drawn;
    context.globalAlpha = isFaint(sign, manner) ? FAINT : 1;
    if (sign.node === null) continue;
    const look = lookOfSign(sign);
    const path = paths.get(look) ?? new Path2D(SIGN_PATHS[look]);
    paths.set(look, path);
    context.save();
    context.translate(x, y);
    if (sign === manner.chosen) ring(context, manner.inks);
    context.fillStyle = context.strokeStyle = manner.inks.sign[look];
    context.lineWidth = HOLLOW.has(look) ? 2.2 : 1.5;
    if (!HOLLOW.has(look)) {
      context.strokeStyle = manner.inks.surface;
      context.stroke(path);
      context.fill(path);
    } else context.stroke(path);
    context.restore();
  }
  context.globalAlpha = 1;
}

/** What people did to the whole cluster: lines across all nodes. */
export function paintInstants(context: CanvasRenderingContext2D, scene: Scene, manner: Manner): void {
  const { inks, chosen, height } = manner;
  for (const { sign, x } of scene.signs) {
    if (sign.node !== null) continue;
    const kind = 'kind' in sign.what ? sign.what.kind : '';
    const isHealing = kind === 'heal' || kind === 'undo';
    context.strokeStyle = isHealing ? inks.outcome.ok : inks.outcome.fail;
    context.lineWidth = sign === chosen ? 3.5 : 1.75;
    context.setLineDash(isHealing ? [] : [6, 4]);
    context.beginPath();
    context.moveTo(x, AXIS);
    context.lineTo(x, height);
    context.stroke();
  }
  context.setLineDash([]);
}

function isFaint(thing: Thing, { emphasis, chosen }: Manner): boolean {
  return thing !== chosen && strengthOf(thing, emphasis) === 'faint';
}

function paintBar(
  context: CanvasRenderingContext2D,
  { bar, x, y, width }: DrawnBar,
  height: number,
  { inks, chosen }: Manner,
): void {
  const outcome = bar.operation.returned === null ? 'open' : bar.operation.class;
  const ink = inks.outcome[outcome];
  context.fillStyle = outcome === 'ok' ? ink : inks.tint[outcome];
  context.strokeStyle = bar === chosen ? inks.ink : ink;
  context.lineWidth = bar === chosen ? 3 : 1.5;
  context.setLineDash(outcome === 'info' || outcome === 'open' ? [4, 3] : []);
  context.beginPath();
  context.roundRect(x, y, width, height, outcome === 'ok' ? height / 2 : outcome === 'fail' ? 0 : 3);
  context.fill();
  context.stroke();
  context.setLineDash([]);
  if (outcome === 'fail') {
    const end = x + width;
    const arm = height * 0.35;
    const middle = y + height / 2;
    context.beginPath();
    context.moveTo(end - height / 2 - arm, middle - arm);
    context.lineTo(end - height / 2 + arm, middle + arm);
    context.moveTo(end - height / 2 + arm, middle - arm);
    context.lineTo(end - height / 2 - arm, middle + arm);
    context.lineWidth = 2;
    context.stroke();
  } else if (outcome === 'info' && width > height) {
    context.font = `800 ${Math.round(height)}px ${inks.font}`;
    context.fillStyle = ink;
    context.textAlign = 'right';
    context.fillText('?', x + width - 3, y + height / 2 + 0.5);
    context.textAlign = 'left';
  }
}

/** What was asked: in the bar where that is long enough, else behind it where no other bar is in the way. */
function labelBars(
  context: CanvasRenderingContext2D,
  { bars, barHeight, width }: Scene,
  manner: Manner,
): void {
  const { inks, labelOf } = manner;
  context.font = `600 ${Math.max(10, Math.min(12, barHeight))}px ${inks.font}`;
  const next = new Map<number, number>();
  for (let i = bars.length - 1; i >= 0; i--) {
    const drawn = bars[i];
    if (drawn === undefined) continue;
    const { bar, x, y } = drawn;
    const [left, right] = [Math.max(0, x), Math.min(width, x + drawn.width)];
    const before = next.get(y) ?? width;
    next.set(y, x);
    const text = labelOf(bar);
    const long = context.measureText(text).width;
    const isInside = right - left > long + 3 * barHeight;
    if (!isInside && before - right < long + 8) continue;
    const isOnFull = isInside && bar.operation.class === 'ok' && bar.operation.returned !== null;
    context.globalAlpha = isFaint(bar, manner) ? FAINT : 1;
    if (!isInside) {
      // Arrows cross the text: a margin of paper keeps it legible.
      context.strokeStyle = inks.surface;
      context.lineWidth = 3;
      context.strokeText(text, right + 5, y + barHeight / 2 + 0.5);
    }
    context.fillStyle = isOnFull ? inks.surface : isInside ? inks.ink : inks.soft;
    context.fillText(text, (isInside ? left : right) + 5, y + barHeight / 2 + 0.5);
  }
}

function ring(context: CanvasRenderingContext2D, inks: Inks): void {
  context.strokeStyle = inks.ink;
  context.lineWidth = 2;
  context.beginPath();
  context.arc(0, 0, 10, 0, 7);
  context.stroke();
}
