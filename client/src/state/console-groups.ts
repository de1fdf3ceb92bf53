import { keysOf, lookUp } from '../../../shared/base/table.ts';
import type { Flap, Traffic } from '../../../shared/sim/command.ts';
import type { NodeId } from '../../../shared/sim/operation.ts';
import type { World } from '../../../shared/sim/world.ts';
import type { InstructorCommand } from '../../../shared/wire/watch.ts';

/** A named set of nodes as the console lists it. */
export type Group = { readonly name: string; readonly nodes: readonly NodeId[] };

/** Ready-made ways to set a cluster up for a cut. */
export type Arrangement = 'whole' | 'halves' | 'majority' | 'thirds';
export const ARRANGEMENTS: readonly Arrangement[] = ['whole', 'halves', 'majority', 'thirds'];

/** How the links between two groups stand. */
export type PairState = 'up' | 'cut' | 'there' | 'back' | 'partly';

/** The names a new group is given when nobody thinks of a better one. */
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

export function groupsOf(world: World): Group[] {
  return keysOf(world.groups).map((name) => ({ name, nodes: lookUp(world.groups, name) ?? [] }));
}

/** The group a node is in; null when in none. */
export function groupOf(groups: readonly Group[], node: NodeId): string | null {
  return groups.find((group) => group.nodes.includes(node))?.name ?? null;
}

/** The first letter that is no group's name. */
export function freeName(groups: readonly Group[]): string {
  const taken = new Set(groups.filter((group) => group.nodes.length > 0).map((group) => group.name));
  return [...LETTERS].find((letter) => !taken.has(letter)) ?? `Group ${groups.length + 1}`;
}

/** The commands that put all nodes, in their order, into as many groups as the arrangement has. */
export function arrange(
  arrangement: Arrangement,
  nodes: readonly NodeId[],
  groups: readonly Group[],
): InstructorCommand[] {
  const sizes = sizesOf(arrangement, nodes.length).filter((size) => size > 0);
  // Names that are in use stay in use: people have learnt which table is called what.
  const names = [...new Set([...groups.map((group) => group.name), ...LETTERS])];
  const commands: InstructorCommand[] = [];
  let start = 0;
  sizes.forEach((size, index) => {
    commands.push({ kind: 'group', name: names[index] ?? '', nodes: nodes.slice(start, start + size) });
    start += size;
  });
  for (const { name, nodes: members } of groups) {
    const isKept = names.indexOf(name) < sizes.length;
    if (!isKept && members.length > 0) commands.push({ kind: 'group', name, nodes: [] });
  }
  return commands;
}

function sizesOf(arrangement: Arrangement, count: number): number[] {
  switch (arrangement) {
    case 'whole':
      return [count];
    case 'halves':
      return [Math.ceil(count / 2), Math.floor(count / 2)];
    case 'majority': {
      const majority = Math.floor(count / 2) + 1;
      return [majority, count - majority];
    }
    case 'thirds': {
      const first = Math.ceil(count / 3);
      const second = Math.ceil((count - first) / 2);
      return [first, second, count - first - second];
    }
  }
}

/** Every unordered pair. */
export function pairs<T>(items: readonly T[]): [T, T][] {
  return items.flatMap((a, index) => items.slice(index + 1).map((b): [T, T] => [a, b]));
}

/** How the links between two groups stand: `there` and `back` are one-way cuts from the first and to it. */
export function pairState(world: World, first: Group, second: Group): PairState {
  let [there, back, links] = [0, 0, 0];
  for (const a of first.nodes) {
    for (const b of second.nodes) {
      if (a === b) continue;
      links++;
      if (world.isCut(a, b)) there++;
      if (world.isCut(b, a)) back++;
    }
  }
  if (there === 0 && back === 0) return 'up';
  if (there === links && back === links) return 'cut';
  if (there === links && back === 0) return 'there';
  if (back === links && there === 0) return 'back';
  return 'partly';
}

/** Cuts each of these pairs of groups, or heals them. `how`: one kind of traffic only, or coming and going. */
export function cutPairs(
  between: readonly (readonly [string, string])[],
  oneWay: boolean,
  how: { readonly traffic?: Traffic; readonly flap?: Flap } = {},
): InstructorCommand[] {
  return between.map(([from, to]) => ({
    kind: 'cut',
    from: { group: from },
    to: { group: to },
    oneWay,
    ...how,
  }));
}

export function healPairs(between: readonly (readonly [string, string])[]): InstructorCommand[] {
  return between.map(([from, to]) => ({
    kind: 'heal',
    between: { from: { group: from }, to: { group: to }, oneWay: false },
  }));
}
