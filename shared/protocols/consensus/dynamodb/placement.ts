import { streamSeed } from '../../../base/random.ts';
import { lookUp } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import type { DynamoDbKnobs } from './types.ts';

type Layout = {
  readonly nodes: readonly NodeId[];
  readonly knobs: Pick<DynamoDbKnobs, 'mode' | 'regions' | 'partitions'>;
};

const SEED = 0x64796e61;
/** Three replicas of a partition, in three Availability Zones (Elhemali et al. 2022, section 3). */
const REPLICAS = 3;

export function partitionOf(key: string, partitions: number): number {
  return streamSeed(SEED, key) % partitions;
}

/** The Regions: consecutive blocks of nodes, as equal as can be. */
export function regionsOf({ nodes, knobs }: Layout): NodeId[][] {
  const count = knobs.mode === 'region' ? 1 : knobs.regions;
  return Array.from({ length: count }, (_, region) =>
    nodes.slice(
      Math.floor((region * nodes.length) / count),
      Math.floor(((region + 1) * nodes.length) / count),
    ),
  );
}

export function regionOf(node: NodeId, layout: Layout): number {
  return regionsOf(layout).findIndex((members) => members.includes(node));
}

/** The group that serves a key to clients of a Region. With strong consistency it is one for all Regions. */
export function groupOf(key: string, region: number, { knobs }: Layout): string {
  const partition = partitionOf(key, knobs.partitions);
  return knobs.mode === 'global-strong' ? `p${partition}` : `p${partition} r${region}`;
}

/** The same partition's group in another Region. */
export function groupElsewhere(group: string, region: number): string {
  return `${group.split(' ')[0] ?? ''} r${region}`;
}

export function regionOfGroup(group: string): number {
  return Number(group.split(' r')[1] ?? '0');
}

/** Every group with its members, the preferred leader first. */
export function groupsOf(layout: Layout): Readonly<Record<string, readonly NodeId[]>> {
  const { nodes, knobs } = layout;
  const { mode, regions, partitions } = knobs;
  const name = `${mode} ${regions} ${partitions} ${nodes.join('\n')}`;
  if (latest.name !== name) latest = { name, groups: createGroups(layout) };
  return latest.groups;
}

export function membersOf(group: string, layout: Layout): readonly NodeId[] {
  return lookUp(groupsOf(layout), group) ?? [];
}

/** Worked out once for a cluster: a pure function of its layout. */
let latest: { readonly name: string; readonly groups: Record<string, readonly NodeId[]> } = {
  name: '',
  groups: {},
};

function createGroups(layout: Layout): Record<string, readonly NodeId[]> {
  const regions = regionsOf(layout);
  const groups: Record<string, readonly NodeId[]> = {};
  for (let partition = 0; partition < layout.knobs.partitions; partition++) {
    if (layout.knobs.mode === 'global-strong') {
      groups[`p${partition}`] = rotate(
        regions.flatMap((block) => block[partition % block.length] ?? []),
        partition,
      );
    } else {
      for (const [region, block] of regions.entries()) {
        groups[`p${partition} r${region}`] = rotate(block, partition).slice(0, REPLICAS);
      }
    }
  }
  return groups;
}

function rotate(nodes: readonly NodeId[], by: number): NodeId[] {
  const start = nodes.length === 0 ? 0 : by % nodes.length;
  return [...nodes.slice(start), ...nodes.slice(0, start)];
}
