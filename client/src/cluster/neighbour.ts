import type { NodeId } from '../../../shared/sim/operation.ts';
import type { Layout } from './layout.ts';

export type Direction = 'left' | 'right' | 'up' | 'down';

const VECTORS: Readonly<Record<Direction, readonly [x: number, y: number]>> = {
  left: [-1, 0],
  right: [1, 0],
  up: [0, -1],
  down: [0, 1],
};

/** The direction that an arrow key means; null for every other key. */
export function directionOfKey(key: string): Direction | null {
  switch (key) {
    case 'ArrowLeft':
      return 'left';
    case 'ArrowRight':
      return 'right';
    case 'ArrowUp':
      return 'up';
    case 'ArrowDown':
      return 'down';
    default:
      return null;
  }
}

/** The node that an arrow key goes to: the nearest in that direction, counting sideways distance double. */
export function neighbour(layout: Layout, from: NodeId, direction: Direction): NodeId | null {
  const start = layout.spots.get(from);
  if (start === undefined) return null;
  const [x, y] = VECTORS[direction];
  let best: { node: NodeId; distance: number } | null = null;
  for (const [node, spot] of layout.spots) {
    const along = (spot.x - start.x) * x + (spot.y - start.y) * y;
    const across = Math.abs((spot.x - start.x) * y) + Math.abs((spot.y - start.y) * x);
    // Beyond 60 degrees to the side, a node is not in that direction at all.
    if (node === from || along <= 0.5 || across > along * 1.75) continue;
    const distance = along + 2 * across;
    if (best === null || distance < best.distance) best = { node, distance };
  }
  return best?.node ?? null;
}

/** The group that Shift and an arrow key move a node to: the next of all, or the one before, going round. */
export function nextGroup(count: number, from: number, direction: Direction): number {
  const step = direction === 'right' || direction === 'down' ? 1 : -1;
  return (from + step + count) % count;
}
