import type { Arrow } from './arrows.ts';
import { strengthOf, type Strength } from './emphasis.ts';
import type { Inks } from './inks.ts';
import type { Manner } from './paint.ts';

const CROSS = 4.5;
/** An arrow less wide than this looks upright, and an upright box costs next to nothing. Pixels. */
const UPRIGHT = 1.25;

type Pen = { readonly ink: string; readonly width: number; readonly alpha: number; readonly dash: number[] };

/** Paints arrows, pen by pen. What is faint comes first, so that nothing lies over what is stressed. */
export function paintArrows(
  context: CanvasRenderingContext2D,
  arrows: readonly Arrow[],
  manner: Pick<Manner, 'inks' | 'emphasis' | 'chosen'>,
): void {
  const pens = new Map<string, { readonly pen: Pen; readonly arrows: Arrow[] }>();
  for (const arrow of arrows) {
    const strength = arrow.message === manner.chosen ? 'strong' : strengthOf(arrow.message, manner.emphasis);
    const key = `${strength} ${arrow.cross ? 'lost' : arrow.message.look} ${arrow.message.fate === 'under way'}`;
    const same = pens.get(key);
    if (same === undefined) pens.set(key, { pen: penOf(arrow, strength, manner.inks), arrows: [arrow] });
    else same.arrows.push(arrow);
  }
  const ordered = [...pens.values()].sort((a, b) => a.pen.alpha - b.pen.alpha || a.pen.width - b.pen.width);
  for (const { pen, arrows: same } of ordered) stroke(context, pen, same);
  context.globalAlpha = 1;
  context.setLineDash([]);
}

function stroke(context: CanvasRenderingContext2D, pen: Pen, arrows: readonly Arrow[]): void {
  context.strokeStyle = context.fillStyle = pen.ink;
  context.globalAlpha = pen.alpha;
  context.lineWidth = pen.width;
  context.setLineDash(pen.dash);
  // Each line by itself: one path of a thousand crossing lines costs a software painter ten times as much.
  for (const { x1, y1, x2, y2 } of arrows) {
    if (Math.abs(x2 - x1) < UPRIGHT) {
      context.fillRect(Math.round(x1), Math.min(y1, y2), Math.round(pen.width), Math.abs(y2 - y1));
      continue;
    }
    context.beginPath();
    context.moveTo(x1, y1);
    context.lineTo(x2, y2);
    context.stroke();
  }
  context.setLineDash([]);
  context.lineWidth = Math.max(1.8, pen.width);
  for (const arrow of arrows) {
    context.beginPath();
    if (arrow.cross) {
      traceCross(context, arrow);
      context.stroke();
    } else {
      traceHead(context, arrow, 4 + pen.width);
      context.fill();
    }
  }
}

function traceHead(context: CanvasRenderingContext2D, { x1, y1, x2, y2 }: Arrow, size: number): void {
  const length = Math.hypot(x2 - x1, y2 - y1) || 1;
  const [dx, dy] = [((x2 - x1) / length) * size, ((y2 - y1) / length) * size];
  context.moveTo(x2, y2);
  context.lineTo(x2 - dx * 1.5 - dy * 0.6, y2 - dy * 1.5 + dx * 0.6);
  context.lineTo(x2 - dx * 1.5 + dy * 0.6, y2 - dy * 1.5 - dx * 0.6);
  context.closePath();
}

/** Where a message was lost: a cross; a plus where the link lost it by chance, a ring where nobody took it. */
function traceCross(context: CanvasRenderingContext2D, { message, x2: x, y2: y }: Arrow): void {
  if (message.fate === 'loss') {
    context.moveTo(x - CROSS, y);
    context.lineTo(x + CROSS, y);
    context.moveTo(x, y - CROSS);
    context.lineTo(x, y + CROSS);
    return;
  }
  context.moveTo(x - CROSS, y - CROSS);
  context.lineTo(x + CROSS, y + CROSS);
  context.moveTo(x + CROSS, y - CROSS);
  context.lineTo(x - CROSS, y + CROSS);
  if (message.fate === 'cut') return;
  context.moveTo(x + CROSS * 1.8, y);
  context.arc(x, y, CROSS * 1.8, 0, 7);
}

function penOf({ message, cross }: Arrow, strength: Strength, inks: Inks): Pen {
  const ink = cross ? inks.outcome.fail : inks.message[message.look];
  const isChatter = message.look === 'beat' && !cross;
  const dash = message.fate === 'under way' ? [3, 3] : [];
  switch (strength) {
    case 'plain':
      return { ink, width: isChatter ? 1 : 1.5, alpha: isChatter ? 0.55 : cross ? 0.8 : 0.95, dash };
    case 'strong':
      return { ink: isChatter ? inks.ink : ink, width: 2.75, alpha: 1, dash };
    case 'past':
      return { ink: inks.past, width: 1.75, alpha: 0.99, dash };
    case 'future':
      return { ink: inks.future, width: 1.75, alpha: 0.99, dash: [6, 3] };
    case 'faint':
      return { ink, width: 1, alpha: 0.14, dash };
  }
}
