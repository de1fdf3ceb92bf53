import type { NodeId } from '../../../shared/sim/operation.ts';
import type { World } from '../../../shared/sim/world.ts';
import type { GroupPicture } from './groups.ts';

/** All links between two groups, drawn as one. */
export type BundlePicture = {
  /** Indices of the two groups in the picture; `a < b`. */
  readonly a: number;
  readonly b: number;
  /** Directed links in all, and how many of them are up. */
  readonly links: number;
  readonly open: number;
  /** `one-way-ab`: messages still get from `a` to `b`, and not back. */
  readonly state: 'up' | 'cut' | 'one-way-ab' | 'one-way-ba' | 'partly';
  /** The longest extra delay on one of its links, milliseconds; 0 where all are as at first. */
  readonly slowBy: number;
  /** The highest share of messages lost on one of its links, per million. */
  readonly loss: number;
};

/** The bundles between all pairs of groups that have members. */
export function bundlesOf(
  world: World,
  groups: readonly GroupPicture[],
  isolated: ReadonlySet<NodeId>,
): BundlePicture[] {
  const bundles: BundlePicture[] = [];
  groups.forEach((first, a) => {
    groups.slice(a + 1).forEach((second, offset) => {
      if (first.nodes.length === 0 || second.nodes.length === 0) return;
      bundles.push(bundleOf(world, first, second, a, a + 1 + offset, isolated));
    });
  });
  return bundles;
}

/** Changes whenever the state or quality of any link may have changed. */
export function faultsKey(world: World): string {
  return world.faults
    .map((fault) => (fault.kind === 'link' ? `${fault.id}` : `${fault.id}/${fault.healed.length}`))
    .join(' ');
}

/** Whether a node of several can exchange messages with nobody. */
export function isIsolated(world: World, node: NodeId): boolean {
  const others = world.setup.nodes.filter((other) => other !== node);
  return others.length > 0 && others.every((other) => world.isCut(node, other) && world.isCut(other, node));
}

function bundleOf(
  world: World,
  first: GroupPicture,
  second: GroupPicture,
  a: number,
  b: number,
  isolated: ReadonlySet<NodeId>,
): BundlePicture {
  // An isolated node says so itself; the links of the others still tell whether the groups are apart.
  const from = withoutIsolated(first.nodes, isolated);
  const to = withoutIsolated(second.nodes, isolated);
  const base = world.setup.network;
  let openAb = 0;
  let openBa = 0;
  let slowBy = 0;
  let loss = 0;
  for (const x of from) {
    for (const y of to) {
      if (!world.isCut(x, y)) openAb++;
      if (!world.isCut(y, x)) openBa++;
      for (const quality of [world.quality(x, y), world.quality(y, x)]) {
        slowBy = Math.max(slowBy, quality.delay + quality.jitter - base.delay - base.jitter);
        loss = Math.max(loss, quality.loss);
      }
    }
  }
  const each = from.length * to.length;
  const open = openAb + openBa;
  return { a, b, links: 2 * each, open, state: stateOf(openAb, openBa, each), slowBy, loss };
}

function stateOf(openAb: number, openBa: number, each: number): BundlePicture['state'] {
  if (openAb === each && openBa === each) return 'up';
  if (openAb === 0 && openBa === 0) return 'cut';
  if (openAb === each && openBa === 0) return 'one-way-ab';
  if (openBa === each && openAb === 0) return 'one-way-ba';
  return 'partly';
}

function withoutIsolated(nodes: readonly NodeId[], isolated: ReadonlySet<NodeId>): readonly NodeId[] {
  const rest = nodes.filter((node) => !isolated.has(node));
  return rest.length === 0 ? nodes : rest;
}
