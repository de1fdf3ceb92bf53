import { expect, test } from 'vitest';
import { groupsOf, type GroupPicture } from '../../client/src/cluster/groups.ts';
import { depthIn, layOut, regionAt, spacingFor, type Layout } from '../../client/src/cluster/layout.ts';
import { routeThrough, tubeOf } from '../../client/src/cluster/route.ts';

const SIZES = [
  { width: 1240, height: 470 },
  { width: 984, height: 500 },
  { width: 700, height: 620 },
  { width: 340, height: 420 },
];
const COUNTS = [1, 2, 3, 5, 7, 12, 29, 40, 120, 300];

/** Nodes dealt out to groups of very different sizes: each group gets about half of what is left. */
function unevenGroups(nodes: number, groups: number): GroupPicture[] {
  const table: Record<string, string[]> = {};
  let next = 0;
  for (let group = 0; group < groups; group++) {
    const left = nodes - next - (groups - group - 1);
    const own = group === groups - 1 ? left : Math.max(1, Math.ceil(left / 2));
    table[String.fromCharCode(65 + group)] = Array.from({ length: own }, () => `n${++next}`);
  }
  return groupsOf(table, Object.values(table).flat());
}

const CASES = cases();

function cases(): { groups: GroupPicture[]; layout: Layout; name: string }[] {
  return SIZES.flatMap((size) =>
    COUNTS.flatMap((nodes) =>
      [1, 2, 3, 5, 8]
        .filter((count) => count <= nodes)
        .map((count) => {
          const groups = unevenGroups(nodes, count);
          const layout = layOut(groups, size, spacingFor(size, 14));
          return { groups, layout, name: `${nodes} nodes, ${count} groups, ${size.width}×${size.height}` };
        }),
    ),
  );
}

test('every node has a place, inside the region of its group and inside the picture', () => {
  for (const { groups, layout, name } of CASES) {
    const misplaced = groups.flatMap((group, index) =>
      group.nodes.filter((node) => {
        const spot = layout.spots.get(node);
        if (spot === undefined || regionAt(layout, spot) !== index) return true;
        const room = Math.min(spot.x, layout.width - spot.x, spot.y, layout.height - spot.y);
        return room <= layout.radius;
      }),
    );
    expect(misplaced, name).toEqual([]);
  }
});

test('no two nodes overlap', () => {
  for (const { layout, name } of CASES) {
    const spots = [...layout.spots.values()];
    let nearest = Infinity;
    for (const [i, a] of spots.entries())
      for (const b of spots.slice(i + 1)) nearest = Math.min(nearest, Math.hypot(a.x - b.x, a.y - b.y));
    expect(nearest, name).toBeGreaterThan(2.1 * layout.radius);
  }
});

test('no two regions overlap, and their names stay inside the picture', () => {
  for (const { layout, name } of CASES) {
    for (const [i, region] of layout.regions.entries()) {
      expect(region.label.y, name).toBeGreaterThan(0);
      for (const other of layout.regions.slice(i + 1)) {
        const deepest = Math.max(...edgeOf(region).map((spot) => depthIn(other, spot)));
        expect(deepest, name).toBeLessThan(0);
      }
    }
  }
});

test('nodes are large enough to be seen: 300 in two groups on a projector', () => {
  const size = { width: 1240, height: 470 };
  const layout = layOut(unevenGroups(300, 2), size, spacingFor(size, 20));
  expect(layout.radius).toBeGreaterThan(9);
});

test('the same groups in the same room are laid out the same way', () => {
  const make = (): unknown => {
    const layout = layOut(unevenGroups(40, 3), SIZES[0]!, spacingFor(SIZES[0]!, 20));
    return [...layout.spots];
  };
  expect(make()).toEqual(make());
});

test('a message crosses the middle of its bundle half-way', () => {
  const size = SIZES[0]!;
  const layout = layOut(unevenGroups(12, 2), size, spacingFor(size, 20));
  const tube = tubeOf(layout, 0, 1);
  const [first, last] = [layout.spots.get('n1')!, layout.spots.get('n12')!];
  const route = routeThrough(first, tube, last);
  expect(route(0)).toEqual(first);
  expect(route(1)).toEqual(last);
  expect(route(0.5).x).toBeCloseTo((tube.from.x + tube.to.x) / 2, 3);
});

function edgeOf({ centre, half, radius, axis }: Layout['regions'][number]): { x: number; y: number }[] {
  return Array.from({ length: 48 }, (_, i) => {
    const angle = (i / 48) * 2 * Math.PI;
    const [along, across] = [Math.cos(angle) * radius, Math.sin(angle) * radius];
    const shifted = along + Math.sign(along) * half;
    return axis === 'x'
      ? { x: centre.x + shifted, y: centre.y + across }
      : { x: centre.x + across, y: centre.y + shifted };
  });
}
