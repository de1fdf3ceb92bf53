import { canonical } from '../base/json.ts';
import { keysOf, lookUp, type Table } from '../base/table.ts';
import type { Fold } from '../recording/fold.ts';
import { membersOf } from '../sim/members.ts';
import { systemOf, workloadOf } from '../recording/setup.ts';
import type { NodeId } from '../sim/operation.ts';
import type { ReplicaView } from '../sim/protocol.ts';
import type { World } from '../sim/world.ts';
import { resolveKnobs, type KeyService, type SideStatus } from '../systems/system.ts';
import { keysOfWorkload } from '../workloads/workload.ts';

/** Nodes that can talk to each other both ways, directly or through each other, and what they can do. */
export type SideReport = SideStatus & {
  readonly nodes: readonly NodeId[];
  /** Groups with a node on this side. */
  readonly groups: readonly string[];
  /** Where availability is by key: what clients here can do with each key that is in use. Empty elsewhere. */
  readonly keys: Readonly<Table<KeyService>>;
};

/** The whole cluster in one word. */
export type Headline =
  | SideStatus['state']
  /** More than one side accepts writes, to the same key where availability is by key. */
  | 'split-brain'
  /** The links are up again, and some keys still differ between replicas. */
  | 'healing'
  /** Some keys hold concurrent values that somebody has to merge. */
  | 'conflicts';

/** What the wall says: computed from the nodes as they are, never from what the instructor did. */
export type Situation = {
  readonly headline: Headline;
  /** One plain sentence. */
  readonly text: string;
  readonly sides: readonly SideReport[];
  /** Whether more than one side accepts writes: to the same key, where availability is by key. The headline's rule and the scorecard's. */
  readonly isSplit: boolean;
  /** Running nodes that take themselves for the leader: two at once is worth seeing. */
  readonly leaders: readonly NodeId[];
  /** Keys under which some replica holds more than one value. */
  readonly conflicts: number;
  /** Keys of which two running replicas hold different versions. */
  readonly diverged: number;
};

/** How long after the last cut a difference between replicas still counts as healing, virtual milliseconds. */
const HEALING_MAX = 120_000;

/** How many keys the service of a side is told for: more than a wall can show. */
const KEYS_SHOWN = 24;

/** Judges the cluster as it stands. */
export function assess(fold: Fold): Situation {
  const { world, header } = fold;
  const system = systemOf(header);
  const initial = membersOf(header);
  const knobs = resolveKnobs(system, header.knobs, initial.length);
  const views = new Map<NodeId, ReplicaView>();
  for (const node of header.nodes) if (isRunning(world, node)) views.set(node, world.view(node));
  const offered = keysOfWorkload(workloadOf(header));
  const keys = system.judgeKey === undefined ? [] : keysInUse(offered, [...views.values()]);
  const found = findSides(world);
  // A wall shows some; two sides may well meet at another.
  const judged = found.length > 1 ? keys : keys.slice(0, KEYS_SHOWN);
  const whole = found.map((nodes): SideReport => {
    const members = nodes.flatMap((node) => {
      const view = views.get(node);
      return view === undefined ? [] : [{ node, view }];
    });
    const status = system.judge(members, initial, knobs);
    const service: Table<KeyService> = {};
    for (const key of judged) {
      service[key] = system.judgeKey?.(key, members, initial, knobs) ?? 'none';
    }
    return { ...status, nodes, groups: groupsOf(world, nodes), keys: service };
  });
  const leaders = header.nodes.filter((node) => views.get(node)?.role === 'leader');
  const { conflicts, diverged } = compareData([...views.values()]);
  const rivals = rivalsAmong(whole).length;
  const sides = whole.map((side) => ({ ...side, keys: someOf(side.keys, judged.slice(0, KEYS_SHOWN)) }));
  const headline = pickHeadline(world, sides, rivals, conflicts, diverged);
  return {
    headline,
    text: describe(headline, sides, rivals, conflicts, diverged),
    sides,
    isSplit: rivals > 1,
    leaders,
    conflicts,
    diverged,
  };
}

function pickHeadline(
  world: World,
  sides: readonly SideReport[],
  rivals: number,
  conflicts: number,
  diverged: number,
): Headline {
  if (rivals > 1) return 'split-brain';
  const healedFor = world.wholeSince === null ? null : world.now - world.wholeSince;
  const isHealing = healedFor !== null && world.wholeSince !== 0 && healedFor < HEALING_MAX && diverged > 0;
  if (isHealing) return 'healing';
  if (conflicts > 0) return 'conflicts';
  const order: readonly SideStatus['state'][] = ['quorum', 'serving', 'partly', 'electing', 'no-quorum'];
  return order.find((state) => sides.some((side) => side.state === state)) ?? 'down';
}

/** Whether clients on this side can write, at least some of the keys. */
export function acceptsWrites(side: SideReport): boolean {
  return side.state === 'quorum' || side.state === 'serving' || side.state === 'partly';
}

/** Sides that accept writes while another does; where availability is by key, to a key that another accepts. */
function rivalsAmong(sides: readonly SideReport[]): SideReport[] {
  const isByKey = sides.some(({ keys }) => keysOf(keys).length > 0);
  if (!isByKey) return sides.filter(acceptsWrites);
  return sides.filter((side) =>
    keysOf(side.keys).some(
      (key) => takesWrites(side, key) && sides.some((other) => other !== side && takesWrites(other, key)),
    ),
  );
}

function someOf(table: Readonly<Table<KeyService>>, keys: readonly string[]): Table<KeyService> {
  const some: Table<KeyService> = {};
  for (const key of keys) some[key] = lookUp(table, key) ?? 'none';
  return some;
}

function takesWrites({ keys }: SideReport, key: string): boolean {
  const service = lookUp(keys, key);
  return service === 'read-write' || service === 'write';
}

function describe(
  headline: Headline,
  sides: readonly SideReport[],
  rivals: number,
  conflicts: number,
  diverged: number,
): string {
  switch (headline) {
    case 'split-brain':
      return `${rivals} sides accept writes and cannot hear each other.`;
    case 'healing':
      return `The links are up; replicas still differ in ${countKeys(diverged)}.`;
    case 'conflicts':
      return `${countKeys(conflicts)} ${conflicts === 1 ? 'holds' : 'hold'} values that were written at the same time.`;
    default:
      return sides.find((side) => side.state === headline)?.text ?? 'No node is running.';
  }
}

function countKeys(count: number): string {
  return count === 1 ? '1 key' : `${count} keys`;
}

/** Running nodes by what they can reach, largest side first. */
function findSides(world: World): NodeId[][] {
  const running = world.setup.nodes.filter((node) => isRunning(world, node));
  const left = new Set(running);
  const sides: NodeId[][] = [];
  for (const first of running) {
    if (!left.delete(first)) continue;
    const side = [first];
    for (const node of side) {
      for (const other of left) {
        if (world.isCut(node, other) || world.isCut(other, node)) continue;
        left.delete(other);
        side.push(other);
      }
    }
    sides.push(running.filter((node) => side.includes(node)));
  }
  return sides.sort((a, b) => b.length - a.length);
}

function groupsOf(world: World, nodes: readonly NodeId[]): string[] {
  return keysOf(world.groups).filter((name) =>
    lookUp(world.groups, name)?.some((node) => nodes.includes(node)),
  );
}

/** The keys that the workload begins with and those that some replica stores. */
function keysInUse(offered: readonly string[], views: readonly ReplicaView[]): string[] {
  const stored: Table<true> = {};
  for (const { data } of views) for (const key of keysOf(data)) stored[key] = true;
  return [...new Set([...offered, ...keysOf(stored)])];
}

/** Counts keys with concurrent values, and keys whose holders disagree on the version. */
function compareData(views: readonly ReplicaView[]): { conflicts: number; diverged: number } {
  const versions = new Map<string, string>();
  const conflicting = new Set<string>();
  const diverging = new Set<string>();
  for (const { role, data } of views) {
    // What a machine has left of its time as a member is nobody's copy any more.
    if (role === 'spare') continue;
    for (const key of keysOf(data)) {
      const held = lookUp(data, key);
      if (held === undefined) continue;
      if (held.values.length > 1) conflicting.add(key);
      const version = `${held.version} ${canonical(held.values)}`;
      const other = versions.get(key);
      if (other === undefined) versions.set(key, version);
      else if (other !== version) diverging.add(key);
    }
  }
  return { conflicts: conflicting.size, diverged: diverging.size };
}

function isRunning(world: World, node: NodeId): boolean {
  const { up, paused } = world.node(node);
  return up && !paused;
}
