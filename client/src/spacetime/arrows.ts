import type { Message } from './chunk.ts';
import type { Rows } from './rows.ts';
import { xOf, type View } from './view.ts';
import type { Walls } from './walls.ts';

/** A message as an arrow. `cross`: where it was lost; then the arrow ends there. Pixels. */
export type Arrow = {
  readonly message: Message;
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
  readonly cross: boolean;
};

/** Where an arrow is drawn. `delay`: how long a message usually takes, one lost at once is drawn as if it had set out. */
export type Field = {
  readonly rows: Rows;
  readonly view: View;
  readonly width: number;
  readonly delay: number;
  readonly walls: Walls;
};

/** Where along its way a message ends that its link lost by chance. */
const LOST_AT = 0.62;

export function arrowOf(message: Message, { rows, view, width, delay, walls }: Field): Arrow {
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

/** Whether a message goes from one line that is shown to another. */
export function isBetweenLines({ from, to }: Message, { of }: Rows): boolean {
  const [start, end] = [of[from] ?? -1, of[to] ?? -1];
  return start !== -1 && end !== -1 && start !== end;
}

function yOf(rows: Rows, node: number): number {
  return rows.list[rows.of[node] ?? -1]?.y ?? 0;
}
