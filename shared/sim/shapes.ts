import * as v from 'valibot';
import { unreachable } from '../base/assert.ts';

/**
 * Ways to cut a whole cluster at once, as Jepsen's nemesis does. `halves` and `minority` are two sides, `sides`
 * three and more; in a `bridge` one node hears both halves; in a `star` all hear the hub alone; in a `ring` every
 * node hears its neighbours, which are a majority, and no two nodes the same one.
 */
export const ShapeName = v.picklist(['halves', 'minority', 'sides', 'bridge', 'star', 'ring']);
export type ShapeName = v.InferOutput<typeof ShapeName>;

/** A directed pair of places in a list of nodes. */
export type Pair = readonly [from: number, to: number];

/** The links that a shape cuts among nodes 0 to count − 1: the first ones are the minority, the bridge, the hub. */
export function pairsOfShape(shape: ShapeName, count: number, sides: number): Pair[] {
  const hears = hearing(shape, count, sides);
  const pairs: Pair[] = [];
  for (let from = 0; from < count; from++) {
    for (let to = 0; to < count; to++) if (from !== to && !hears(from, to)) pairs.push([from, to]);
  }
  return pairs;
}

/** Why a cluster of so many nodes cannot take this shape; null when it can. */
export function refuseShape(shape: ShapeName, count: number, sides: number): string | null {
  const least = shape === 'sides' ? sides : { halves: 2, minority: 3, bridge: 3, star: 3, ring: 4 }[shape];
  return count >= least ? null : `a ${shape} needs at least ${least} nodes, and there are ${count}`;
}

function hearing(shape: ShapeName, count: number, sides: number): (a: number, b: number) => boolean {
  switch (shape) {
    case 'halves':
      return sameSide((node) => Math.floor((2 * node) / count));
    case 'minority':
      return sameSide((node) => (node < Math.ceil(count / 2) - 1 ? 0 : 1));
    case 'sides':
      return sameSide((node) => Math.floor((sides * node) / count));
    case 'bridge':
      return (a, b) => a === 0 || b === 0 || 2 * a <= count - 1 === 2 * b <= count - 1;
    case 'star':
      return (a, b) => a === 0 || b === 0;
    case 'ring': {
      // So many neighbours on either hand that with the node itself they are a majority.
      const reach = Math.ceil(Math.floor(count / 2) / 2);
      return (a, b) => Math.min((a - b + count) % count, (b - a + count) % count) <= reach;
    }
    default:
      return unreachable(shape);
  }
}

function sameSide(sideOf: (node: number) => number): (a: number, b: number) => boolean {
  return (a, b) => sideOf(a) === sideOf(b);
}
