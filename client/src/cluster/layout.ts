import type { NodeId } from '../../../shared/sim/operation.ts';
import type { GroupPicture } from './groups.ts';
import { pack, type Packing, type Size, type Spot, type Stadium } from './ring.ts';

/** Where everything in a picture stands. Depends on groups and size alone, so every screen agrees. */
export type Layout = Size & {
  /** A node's radius. */
  readonly radius: number;
  /** In the order of the groups. */
  readonly regions: readonly Region[];
  readonly spots: ReadonlyMap<NodeId, Spot>;
};

/** A group's region and the place of its name, above or below it. */
export type Region = Stadium & { readonly label: Spot };

export type Spacing = {
  /** The height of a line of text, pixels: each region has its name in one. */
  readonly line: number;
  /** Between regions: bundles and their words need it. */
  readonly gap: number;
  readonly radiusMax: number;
};

/** A box that a group is given. */
type Cell = { readonly x: number; readonly y: number } & Size;

/** At the picture's edge, pixels. */
const EDGE = 8;
/** Bundles that have to go around other groups are hard to follow: what it would cost if all of them had to. */
const HIDDEN_COST = 0.6;
/** Gaps never take more of a small picture than this. */
const GAPS_MAX = 0.34;

/** Lays groups out side by side and in rows, whichever way makes the nodes largest, and nodes in rings. */
export function layOut(groups: readonly GroupPicture[], size: Size, spacing: Spacing): Layout {
  let best: { cells: Cell[]; rows: number; radius: number; worth: number } | null = null;
  for (let rows = 1; rows <= Math.min(3, groups.length); rows++) {
    const shape = rowsOf(groups, rows);
    const cells = cellsOf(shape, size, spacing);
    const packings = packAll(groups, cells, spacing.radiusMax);
    const radius = Math.min(...packings.map((packing) => packing.radius));
    const worth = radius * (1 - HIDDEN_COST * hiddenShare(shape, groups.length));
    if (best === null || worth > best.worth * 1.02) best = { cells, rows, radius, worth };
  }
  // Once more with nodes of one size: a group that has room for larger ones gets a rounder region instead.
  const packings = packAll(groups, best?.cells ?? [], best?.radius ?? 0);
  const radius = Math.min(...packings.map((packing) => packing.radius));
  const spots = new Map<NodeId, Spot>();
  groups.forEach((group, index) =>
    group.nodes.forEach((node, i) => {
      const spot = packings[index]?.spots[i];
      if (spot !== undefined) spots.set(node, spot);
    }),
  );
  const line = lineOf(best?.rows ?? 1, size, spacing);
  // Bundles come from above into the last of several rows: names stand below it.
  const bottom = best !== null && best.rows > 1 ? (packings.at(-1)?.region.centre.y ?? 0) : Infinity;
  const regions = packings.map(({ region }) => labelled(region, line, region.centre.y >= bottom - 1));
  return { ...size, radius, regions, spots };
}

/** The distances that suit a picture of that size in which no text is smaller than `textMin`. */
export function spacingFor({ width, height }: Size, textMin: number): Spacing {
  const line = textMin * 1.7;
  const gap = clamp(Math.min(width * 0.13, height * 0.3), textMin * 2.4, 190);
  return { line, gap, radiusMax: clamp(Math.min(width, height) * 0.115, 10, 76) };
}

/** The group whose region holds a place; null where there is none. */
export function regionAt(layout: Layout, spot: Spot): number | null {
  const index = layout.regions.findIndex((region) => depthIn(region, spot) >= 0);
  return index < 0 ? null : index;
}

/** How far inside a region a place is; negative outside. */
export function depthIn({ centre, half, radius, axis }: Stadium, spot: Spot): number {
  const [along, across] =
    axis === 'x' ? [spot.x - centre.x, spot.y - centre.y] : [spot.y - centre.y, spot.x - centre.x];
  const beyond = Math.max(0, Math.abs(along) - half);
  return radius - Math.hypot(beyond, across);
}

/** Groups in rows of nearly equal length, the longer ones first. */
function rowsOf(groups: readonly GroupPicture[], rows: number): GroupPicture[][] {
  const shape: GroupPicture[][] = [];
  let start = 0;
  for (let row = 0; row < rows; row++) {
    const count = Math.ceil((groups.length - start) / (rows - row));
    shape.push(groups.slice(start, start + count));
    start += count;
  }
  return shape;
}

function cellsOf(shape: readonly GroupPicture[][], size: Size, spacing: Spacing): Cell[] {
  const [between, line] = [rowGap(shape.length, size, spacing), lineOf(shape.length, size, spacing)];
  // Bundles that pass the middle of a single row need room below it; of several rows, the gap between them.
  const bow = shape.length === 1 && (shape[0]?.length ?? 0) > 2 ? between * 0.6 : 0;
  const heights = divide(
    size.height - 2 * EDGE - bow - between * (shape.length - 1),
    shape.map((row) => Math.max(...row.map(weightOf))),
  );
  let y = EDGE;
  return shape.flatMap((row, index) => {
    const height = heights[index] ?? 0;
    const gap = Math.min(spacing.gap, (size.width * GAPS_MAX) / row.length);
    const widths = divide(size.width - 2 * EDGE - gap * (row.length - 1), row.map(weightOf));
    const isLast = shape.length > 1 && index === shape.length - 1;
    let x = EDGE;
    const cells = widths.map((width) => {
      const cell = { x, y: isLast ? y : y + line, width, height: height - line };
      x += width + gap;
      return cell;
    });
    y += height + between;
    return cells;
  });
}

function rowGap(rows: number, { height }: Size, { gap }: Spacing): number {
  return Math.min(gap * 0.75, (height * GAPS_MAX) / rows);
}

function lineOf(rows: number, { height }: Size, { line }: Spacing): number {
  return Math.min(line, (height * GAPS_MAX) / rows / 2);
}

/** The share of bundles whose straight way leads through another group. */
function hiddenShare(shape: readonly GroupPicture[][], groups: number): number {
  if (groups < 2) return 0;
  const pairs = (count: number): number => (count * (count - 1)) / 2;
  const inRows = shape.reduce((sum, row) => sum + pairs(row.length) - Math.max(0, row.length - 1), 0);
  const acrossRows = shape.length > 2 ? (shape[0]?.length ?? 0) * (shape[2]?.length ?? 0) : 0;
  return (inRows + acrossRows) / pairs(groups);
}

/** Larger groups get more room, but a small one keeps enough to be seen. */
function weightOf(group: GroupPicture): number {
  return Math.sqrt(group.nodes.length) + 1;
}

function divide(whole: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => (whole * weight) / sum);
}

function packAll(groups: readonly GroupPicture[], cells: readonly Cell[], radiusMax: number): Packing[] {
  return cells.map((cell, index) => {
    const centre = { x: cell.x + cell.width / 2, y: cell.y + cell.height / 2 };
    return pack(groups[index]?.nodes.length ?? 0, centre, cell, radiusMax);
  });
}

function labelled(region: Stadium, line: number, below: boolean): Region {
  const reach = (region.axis === 'x' ? region.radius : region.radius + region.half) + line / 2;
  return { ...region, label: { x: region.centre.x, y: region.centre.y + (below ? reach : -reach) } };
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}
