import { unreachable } from '../../shared/base/assert.ts';
import { LEADER, type ClusterCommand } from '../../shared/sim/command.ts';
import type { NodeId } from '../../shared/sim/operation.ts';
import type { World } from '../../shared/sim/world.ts';

/** What a fuzz may do to a cluster. `heal` also brings back nodes, so that faults come and go. */
export type FaultKind =
  | 'cut'
  | 'cut one way'
  | 'cut a link'
  | 'isolate'
  | 'isolate the leader'
  | 'heal'
  | 'loss'
  | 'duplication'
  | 'jitter'
  | 'crash'
  | 'crash the leader'
  | 'crash and lose the disk'
  | 'restart'
  | 'pause'
  | 'resume'
  | 'skew'
  | 'join'
  | 'leave';

/** Every fault that Raft is safe under, in the shares in which they are drawn. */
export const COMMON_FAULTS: readonly FaultKind[] = [
  'cut',
  'cut',
  'cut one way',
  'cut a link',
  'isolate',
  'isolate the leader',
  'isolate the leader',
  'heal',
  'heal',
  'heal',
  'heal',
  'loss',
  'duplication',
  'jitter',
  'crash',
  'crash the leader',
  'restart',
  'restart',
  'pause',
  'resume',
  'resume',
  'skew',
];

/** The same, and members that come and go. */
export const MEMBER_FAULTS: readonly FaultKind[] = [
  ...COMMON_FAULTS,
  ...Array<FaultKind>(6).fill('join'),
  ...Array<FaultKind>(6).fill('leave'),
];

type Chance = (bound: number) => number;

/** One fault as a command. It may be one that the world refuses, e.g. to crash what is down: then nothing happens. */
export function nextFault(world: World, kinds: readonly FaultKind[], chance: Chance): ClusterCommand {
  const { nodes } = world.setup;
  const kind = pick(kinds, chance);
  const node = pick(nodes, chance);
  const other = pick(
    nodes.filter((candidate) => candidate !== node),
    chance,
  );
  switch (kind) {
    case 'cut':
    case 'cut one way':
      return { kind: 'cut', ...twoSides(nodes, chance), oneWay: kind === 'cut one way' };
    case 'cut a link':
      return { kind: 'cut', from: { nodes: [node] }, to: { nodes: [other] }, oneWay: chance(2) === 0 };
    case 'isolate':
      return { kind: 'isolate', node };
    case 'isolate the leader':
      return { kind: 'isolate', node: LEADER };
    case 'heal':
      return { kind: 'heal', between: null };
    case 'loss':
      return { kind: 'link', ...twoSides(nodes, chance), oneWay: chance(2) === 0, loss: chance(500_000) };
    case 'duplication':
      return { kind: 'link', ...twoSides(nodes, chance), oneWay: false, duplication: chance(400_000) };
    case 'jitter':
      return { kind: 'link', ...twoSides(nodes, chance), oneWay: chance(2) === 0, jitter: chance(400) };
    case 'crash':
      return { kind: 'crash', node, disk: 'kept' };
    case 'crash the leader':
      return { kind: 'crash', node: world.leader ?? node, disk: 'kept' };
    case 'crash and lose the disk':
      return { kind: 'crash', node, disk: 'lost' };
    case 'restart':
      return { kind: 'restart', node: nodes.find((id) => !world.node(id).up) ?? node };
    case 'pause':
      return { kind: 'pause', node };
    case 'resume':
      return { kind: 'resume', node: nodes.find((id) => world.node(id).paused) ?? node };
    case 'skew':
      return { kind: 'skew', node, offset: chance(20_000) - 10_000 };
    case 'join':
    case 'leave':
      return { kind: 'operate', node, operation: { kind, key: other } };
    default:
      return unreachable(kind);
  }
}

/** What ends all faults: links up and good, nodes up and running, clocks right. */
export function repairs(world: World): ClusterCommand[] {
  const { nodes } = world.setup;
  return [
    ...world.faults.map(({ id }): ClusterCommand => ({ kind: 'undo', fault: id })),
    ...nodes.map((node): ClusterCommand => ({ kind: world.node(node).up ? 'resume' : 'restart', node })),
    ...nodes.map((node): ClusterCommand => ({ kind: 'skew', node, offset: 0 })),
  ];
}

/** Two sides with no node in both, neither empty; together not always all. */
function twoSides(
  nodes: readonly NodeId[],
  chance: Chance,
): { from: { nodes: NodeId[] }; to: { nodes: NodeId[] } } {
  const left: NodeId[] = [];
  const right: NodeId[] = [];
  for (const node of nodes) {
    const side = chance(7);
    if (side < 3) left.push(node);
    else if (side < 6) right.push(node);
  }
  if (left.length > 0 && right.length > 0) return { from: { nodes: left }, to: { nodes: right } };
  return { from: { nodes: nodes.slice(0, 1) }, to: { nodes: nodes.slice(1) } };
}

function pick<T>(items: readonly T[], chance: Chance): T {
  return items[chance(items.length)] as T;
}
