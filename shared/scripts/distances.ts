import * as v from 'valibot';
import type { ClusterCommand } from '../sim/command.ts';

/**
 * How far groups are from each other. Without any cut a consistent system is as slow as the way to the nodes it
 * waits for: the E of PACELC.
 */
export const DistanceName = v.picklist(['one-rack', 'one-region', 'us-eu-asia']);
export type DistanceName = v.InferOutput<typeof DistanceName>;

/** One way, milliseconds: within a group, and between the first, second and third group; further ones repeat. */
type Distances = { readonly within: number; readonly between: readonly [number, number, number] };

/**
 * Half of usual round trips: well under a millisecond in a rack (shown as 1), 1 to 2 ms between the zones of a region,
 * and between continents about 80 ms (us-east-1 to eu-west-1), 150 ms (us-east-1 to ap-northeast-1) and 220 ms
 * (eu-west-1 to ap-northeast-1).
 */
const DISTANCES: Readonly<Record<DistanceName, Distances>> = {
  'one-rack': { within: 1, between: [1, 1, 1] },
  'one-region': { within: 1, between: [2, 2, 2] },
  'us-eu-asia': { within: 1, between: [40, 75, 110] },
};

/** The commands that put the groups at such distances, with a tenth of jitter. */
export function commandsOfDistances(name: DistanceName, groups: readonly string[]): ClusterCommand[] {
  const { within, between } = DISTANCES[name];
  return groups.flatMap((from, i) =>
    groups.slice(i).map((to, j): ClusterCommand => {
      const delay = j === 0 ? within : (between[placeOf(i % 3, (i + j) % 3)] ?? within);
      return {
        kind: 'link',
        from: { group: from },
        to: { group: to },
        oneWay: false,
        delay,
        jitter: Math.floor(delay / 10),
      };
    }),
  );
}

/** The first and second continent, the first and third, the second and third; −1 for the same one. */
function placeOf(a: number, b: number): number {
  return a === b ? -1 : a + b - 1;
}
