import { keysOf, type Table } from '../../../shared/base/table.ts';
import type { Fold } from '../../../shared/recording/fold.ts';
import type { NodeId } from '../../../shared/sim/operation.ts';
import type { World } from '../../../shared/sim/world.ts';
import { bundlesOf, faultsKey, isIsolated, type BundlePicture } from './bundles.ts';
import { groupsOf, type GroupPicture } from './groups.ts';

/** One node as it is drawn. */
export type NodePicture = {
  readonly id: NodeId;
  /** Index of its group in the picture. */
  readonly group: number;
  readonly state: 'up' | 'crashed' | 'paused';
  /** In the protocol's own words: `leader`, `follower`, `candidate`, `replica` … */
  readonly role: string;
  readonly term: number | null;
  /** Concurrent values under its most conflicted key; 0 while no key has more than one. */
  readonly siblings: number;
  /** Cut from every other node, both ways. */
  readonly isolated: boolean;
  /** Who sits there. `away`: the student's real browser is lost, which is no part of the exercise. */
  readonly seat: 'bot' | 'here' | 'away';
  /** What is known of it: everything in the true picture; in a node's own view, how long ago it was heard. */
  readonly known: 'sure' | 'recent' | 'old' | 'never';
};

/**
 * What the cluster looks like at one moment, as plain data: all that is drawn but messages. Parts that did
 * not change since the picture before are the same objects, so that a screen redraws only what changed.
 */
export type Picture = {
  readonly groups: readonly GroupPicture[];
  readonly nodes: readonly NodePicture[];
  readonly bundles: readonly BundlePicture[];
  /** Identifies groups, faults and link qualities: while it is the same, layout and bundles are too. */
  readonly key: string;
};

/** What a picture is drawn from: a fold, or what looks like one. */
export type Run = Pick<Fold, 'header' | 'world' | 'class'>;

/** The true picture of a fold. `before`: the picture of the same run drawn last, to share what is equal. */
export function pictureOf(fold: Run, before: Picture | null = null): Picture {
  const { world, header } = fold;
  const key = `${header.id} ${faultsKey(world)} ${groupsKey(world.groups)}`;
  const isSame = before !== null && before.key === key;
  const groups = isSame ? before.groups : groupsOf(world.groups, header.nodes);
  const groupAt = new Map<NodeId, number>();
  groups.forEach((group, index) => group.nodes.forEach((node) => groupAt.set(node, index)));
  const isolated = isSame
    ? new Set(before.nodes.filter((node) => node.isolated).map((node) => node.id))
    : new Set(header.nodes.filter((node) => isIsolated(world, node)));
  const nodes = header.nodes.map((id, index) => {
    const drawn = drawNode(fold, id, groupAt.get(id) ?? 0, isolated.has(id));
    const last = before?.nodes[index];
    return last !== undefined && isSameNode(last, drawn) ? last : drawn;
  });
  if (isSame && nodes.every((node, index) => node === before.nodes[index])) return before;
  const bundles = isSame ? before.bundles : bundlesOf(world, groups, isolated);
  return { groups, nodes, bundles, key };
}

function drawNode({ world, class: lesson }: Run, id: NodeId, group: number, isolated: boolean): NodePicture {
  const { up, paused } = world.node(id);
  const view = world.view(id);
  const seat = lesson.seats[id];
  return {
    id,
    group,
    state: !up ? 'crashed' : paused ? 'paused' : 'up',
    role: view.role,
    term: view.term,
    siblings: mostSiblings(world, id),
    isolated,
    seat: seat === undefined || seat.by === 'bot' ? 'bot' : seat.is,
    known: 'sure',
  };
}

function mostSiblings(world: World, id: NodeId): number {
  let most = 0;
  const { data } = world.view(id);
  for (const key of Object.keys(data)) most = Math.max(most, data[key]?.values.length ?? 0);
  return most > 1 ? most : 0;
}

function isSameNode(a: NodePicture, b: NodePicture): boolean {
  return (Object.keys(b) as (keyof NodePicture)[]).every((field) => a[field] === b[field]);
}

function groupsKey(groups: Readonly<Table<NodeId[]>>): string {
  return keysOf(groups)
    .map((name) => `${name}:${(groups[name] ?? []).join(' ')}`)
    .join(';');
}
