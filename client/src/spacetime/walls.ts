import type { Message } from './chunk.ts';
import type { Row, Rows } from './rows.ts';
import type { Merged } from './spans.ts';

type Sides = Extract<Merged, { readonly kind: 'sides' }>;

/** Where a message ends that met a cut which does not lie between two lines of the drawing. */
const ANYWHERE = 0.43;

/** The walls between lines whose nodes cannot reach each other. */
export class Walls {
  readonly #sides: readonly Sides[];
  readonly #rows: Rows;

  constructor(spans: readonly Merged[], rows: Rows) {
    this.#sides = spans.filter((span): span is Sides => span.kind === 'sides');
    this.#rows = rows;
  }

  /** How far along its way a message that was cut off gets: to the first wall. A share from 0 to 1. */
  shareOf({ from, to, at }: Message): number {
    const { list, of } = this.#rows;
    const span = this.#sides.find((candidate) => candidate.from <= at && at <= candidate.until);
    const [start = -1, end = -1] = [of[from], of[to]];
    const step = Math.sign(end - start);
    const [first, last] = [list[start], list[end]];
    if (span === undefined || first === undefined || last === undefined) return ANYWHERE;
    for (let index = start; index !== end; index += step) {
      const [row, next] = [list[index], list[index + step]];
      if (row === undefined || next === undefined || sideOf(row, span) === sideOf(next, span)) continue;
      return ((row.y + next.y) / 2 - first.y) / (last.y - first.y);
    }
    return ANYWHERE;
  }
}

/** The side that a line's first node is on: a group drawn as one line is drawn as one side. */
export function sideOf(row: Row, { sides }: Sides): number {
  return sides[row.nodes[0] ?? 0] ?? 0;
}
