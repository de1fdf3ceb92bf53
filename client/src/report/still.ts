import { describeOperation } from '../messages/replay.ts';
import type { GroupPicture } from '../cluster/groups.ts';
import type { NodeId } from '../../../shared/sim/operation.ts';
import { readInks, type Inks } from '../spacetime/inks.ts';
import { paint } from '../spacetime/paint.ts';
import { rowsOf, type Rows } from '../spacetime/rows.ts';
import { sceneOf } from '../spacetime/scene.ts';
import type { Source } from '../spacetime/source.ts';
import type { View } from '../spacetime/view.ts';
import type { Still } from './content.ts';

/** What a picture that stands still is drawn of. `delay`: how long a message usually takes, virtual milliseconds. */
export type StillOf = {
  readonly source: Source;
  readonly view: View;
  readonly groups: readonly GroupPicture[];
  readonly nodes: readonly NodeId[];
  readonly delay: number;
};

const WIDTH = 1040;
/** Room for the names of the lines. */
const NAMES = 76;
const LINE = 46;
const HEIGHT_MIN = 260;
const HEIGHT_MAX = 900;
/** Pixels of the picture for each pixel of the page, so that it is sharp in print. */
const DENSITY = 2;
/** Real milliseconds of folding before the page has its turn. */
const WORK_MS = 40;

/** Draws a part of a run as it is drawn on the screen, on white paper. Null where the run cannot be folded so far. */
export async function drawStill({ source, view, groups, nodes, delay }: StillOf): Promise<Still | null> {
  source.want(view.from, view.until);
  while (!source.isWhole) {
    const deadline = performance.now() + WORK_MS;
    source.work(() => performance.now() > deadline);
    if (source.failure !== null || source.isOverfull) return null;
    await new Promise((resolve) => setTimeout(resolve));
  }
  const height = Math.max(HEIGHT_MIN, Math.min(HEIGHT_MAX, 64 + nodes.length * LINE));
  const rows = rowsOf(groups, nodes, new Set(), new Set(), height);
  const width = WIDTH - NAMES;
  const chunks = source.chunks(view.from, view.until);
  const scene = sceneOf({ chunks, bars: source.bars, rows, view, width, end: source.end, delay });
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [WIDTH * DENSITY, rows.height * DENSITY];
  const context = canvas.getContext('2d');
  if (context === null) return null;
  const inks = lightInks();
  context.scale(DENSITY, DENSITY);
  context.fillStyle = inks.surface;
  context.fillRect(0, 0, WIDTH, rows.height);
  paintNames(context, rows, inks);
  context.translate(NAMES, 0);
  // What set out before the picture begins must not run over the names.
  context.beginPath();
  context.rect(0, 0, width, rows.height);
  context.clip();
  paint(context, scene, {
    inks,
    emphasis: { kind: 'none' },
    chosen: null,
    top: 0,
    height: rows.height,
    labelOf: (bar) => describeOperation(bar.operation),
  });
  return { url: canvas.toDataURL('image/png'), width: WIDTH, height: rows.height, messages: scene.messages };
}

function paintNames(context: CanvasRenderingContext2D, rows: Rows, inks: Inks): void {
  context.font = `650 13px ${inks.font}`;
  context.fillStyle = inks.ink;
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  for (const row of rows.list) context.fillText(row.name, NAMES - 10, row.y, NAMES - 14);
}

/** Colours for paper, whatever the theme of the screen is. Nothing is drawn between the two changes. */
function lightInks(): Inks {
  const root = document.documentElement;
  const { theme } = root.dataset;
  root.dataset['theme'] = 'light';
  const inks = readInks(root);
  if (theme === undefined) delete root.dataset['theme'];
  else root.dataset['theme'] = theme;
  return inks;
}
