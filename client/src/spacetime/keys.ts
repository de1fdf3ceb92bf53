import type { Diagram } from './diagram.svelte.ts';
import { PLACES_PER_MS } from './chunk.ts';
import { startOf, type Happening } from './happenings.ts';
import type { Rows } from './rows.ts';

/** What keys act on. */
export interface Steered {
  readonly diagram: Diagram;
  readonly rows: Rows;
  /** The replay's moment. */
  readonly at: number;
  readonly onseek: (at: number) => void;
  readonly ontable: () => void;
}

const ZOOM = 1.5;
/** The share of the view that one key press moves it by. */
const STRIDE = 0.25;

/** Does what a key stands for in the diagram. False when it stands for nothing. */
export function steer(event: Pick<KeyboardEvent, 'key' | 'shiftKey'>, steered: Steered): boolean {
  const { diagram, at } = steered;
  const span = diagram.view.until - diagram.view.from;
  switch (event.key) {
    case '+':
    case '=':
      diagram.zoom(1 / ZOOM, diagram.around(at));
      return true;
    case '-':
      diagram.zoom(ZOOM, diagram.around(at));
      return true;
    case '0':
      diagram.showAll();
      return true;
    case 'ArrowLeft':
    case 'ArrowRight': {
      const direction = event.key === 'ArrowLeft' ? -1 : 1;
      if (event.shiftKey) diagram.move(direction * span * STRIDE);
      else stepAlong(steered, direction);
      return true;
    }
    case 'ArrowUp':
      stepAcross(steered, -1);
      return true;
    case 'ArrowDown':
      stepAcross(steered, 1);
      return true;
    case 'Enter':
      if (diagram.chosen !== null) steered.onseek(startOf(diagram.chosen));
      return true;
    case 'p':
      diagram.showCone();
      return true;
    case 'f':
      diagram.followOperation();
      return true;
    case 't':
      steered.ontable();
      return true;
    case 'Escape':
      diagram.choose(null);
      return true;
    default:
      return false;
  }
}

/** To the next event on the line of the chosen one; where the view ends, the view moves on. */
function stepAlong(steered: Steered, direction: 1 | -1): void {
  const { diagram, rows } = steered;
  const row = rowOf(diagram.stand?.node ?? null, rows) ?? rows.list[0];
  const events = diagram
    .happenings((node) => row?.nodes.includes(node) ?? false)
    .filter(({ node }) => node !== null);
  const place = diagram.stand?.place ?? steered.at * PLACES_PER_MS;
  const next =
    direction === 1
      ? events.find((event) => event.place > place)
      : events.findLast((event) => event.place < place);
  if (next !== undefined) stand(diagram, next);
  else diagram.move(direction * (diagram.view.until - diagram.view.from) * STRIDE * 2);
}

/** To the nearest event on the next line that has one. */
function stepAcross(steered: Steered, direction: 1 | -1): void {
  const { diagram, rows } = steered;
  const place = diagram.stand?.place ?? steered.at * PLACES_PER_MS;
  const current = rowOf(diagram.stand?.node ?? null, rows);
  const start =
    current === undefined ? (direction === 1 ? -1 : rows.list.length) : rows.list.indexOf(current);
  for (let index = start + direction; index >= 0 && index < rows.list.length; index += direction) {
    const events = diagram.happenings((node) => rows.of[node] === index).filter(({ node }) => node !== null);
    const [first, ...rest] = events;
    if (first === undefined) continue;
    const away = (event: Happening): number => Math.abs(event.place - place);
    stand(
      diagram,
      rest.reduce((best, event) => (away(event) < away(best) ? event : best), first),
    );
    return;
  }
}

function stand(diagram: Diagram, { thing, node, place, at }: Happening): void {
  diagram.choose(thing);
  diagram.stand = node === null ? null : { node, place };
  diagram.following = false;
  diagram.show(at);
}

function rowOf(node: number | null, rows: Rows): Rows['list'][number] | undefined {
  return node === null ? undefined : rows.list[rows.of[node] ?? -1];
}
