import type { LossCause } from '../../../shared/sim/timeline.ts';
import type { MessageLook } from './message-look.ts';
import type { Route } from './route.ts';
import type { Spot } from './ring.ts';
import { CROSS_MS, type Ghost } from './traffic.ts';

/** The colours that messages are painted in, read from the theme. */
export type Inks = Readonly<Record<MessageLook | 'lost' | 'edge', string>>;

/** Which token each kind of message takes its colour from. */
const TOKENS: Readonly<Record<keyof Inks, string>> = {
  beat: '--ink-faint',
  vote: '--accent',
  data: '--ink',
  answer: '--ok',
  client: '--info',
  reset: '--fail',
  lost: '--fail',
  edge: '--surface',
};

export function readInks(element: Element): Inks {
  const style = getComputedStyle(element);
  const inks: Record<string, string> = {};
  for (const [name, token] of Object.entries(TOKENS))
    inks[name] = style.getPropertyValue(token).trim() || '#000';
  return inks as Inks;
}

/**
 * Paints all messages at a display time. `still`: for people who want nothing to move, each message is a
 * mark in the middle of its way for as long as it would have moved.
 */
export function paint(
  context: CanvasRenderingContext2D,
  ghosts: readonly Ghost[],
  now: number,
  routeOf: (ghost: Ghost) => Route | null,
  inks: Inks,
  size: number,
  still: boolean,
): void {
  for (const ghost of ghosts) {
    const route = routeOf(ghost);
    if (route === null) continue;
    const t = (now - ghost.start) / ghost.duration;
    if (t < 0) continue;
    const end = ghost.lost?.where ?? 1;
    if (t < end) {
      drawMessage(context, ghost.look, route(still ? Math.min(0.5, end) : t), inks, size);
    } else if (ghost.lost !== null) {
      const age = (now - ghost.start - ghost.duration * end) / CROSS_MS;
      if (age <= 1) drawCross(context, ghost.lost.cause, route(end), inks, size, age);
    }
  }
}

/** A message's sign, also used by the legend. */
export function drawMessage(
  context: CanvasRenderingContext2D,
  look: MessageLook,
  { x, y }: Spot,
  inks: Inks,
  size: number,
): void {
  context.fillStyle = inks[look];
  context.strokeStyle = inks.edge;
  context.lineWidth = 1.5;
  context.beginPath();
  switch (look) {
    case 'beat':
      context.arc(x, y, size * 0.55, 0, 7);
      context.fill();
      return;
    case 'vote':
      trace(context, x, y, [0, -1.25, 1.15, 0.8, -1.15, 0.8], size);
      break;
    case 'data':
      trace(context, x, y, [-0.95, -0.95, 0.95, -0.95, 0.95, 0.95, -0.95, 0.95], size);
      break;
    case 'answer':
      context.arc(x, y, size, 0, 7);
      break;
    case 'client':
      trace(context, x, y, [0, -1.35, 1.1, 0, 0, 1.35, -1.1, 0], size);
      break;
    case 'reset':
      trace(context, x, y, [-1.3, -0.35, 1.3, -0.35, 1.3, 0.35, -1.3, 0.35], size);
      break;
  }
  context.fill();
  context.stroke();
}

/** Where a lost message ended: a cross that fades, with a ring where nobody was there to take it. */
function drawCross(
  context: CanvasRenderingContext2D,
  cause: LossCause,
  { x, y }: Spot,
  inks: Inks,
  size: number,
  age: number,
): void {
  const arm = size * (1.1 + age * 0.4);
  context.globalAlpha = 1 - age * age;
  context.strokeStyle = inks.lost;
  context.lineWidth = Math.max(2, size * 0.4);
  context.setLineDash(cause === 'loss' ? [size * 0.5, size * 0.4] : []);
  context.beginPath();
  context.moveTo(x - arm, y - arm);
  context.lineTo(x + arm, y + arm);
  context.moveTo(x + arm, y - arm);
  context.lineTo(x - arm, y + arm);
  if (cause === 'down' || cause === 'overflow') {
    context.moveTo(x + arm * 1.7, y);
    context.arc(x, y, arm * 1.7, 0, 7);
  }
  context.stroke();
  context.setLineDash([]);
  context.globalAlpha = 1;
}

function trace(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  corners: number[],
  size: number,
): void {
  for (let i = 0; i < corners.length; i += 2) {
    context.lineTo(x + (corners[i] ?? 0) * size, y + (corners[i + 1] ?? 0) * size);
  }
  context.closePath();
}
