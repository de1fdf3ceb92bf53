import type { NodeId } from '../../../sim/operation.ts';

/** Where the table is split when it is created: the first row keys of all regions but the first. */
const SPLITS = ['d', 'g', 'j', 'm', 'p', 's', 'v'];

/** The table's regions by name: the range of their row keys' first letters. */
export const REGIONS: readonly string[] = ['', ...SPLITS].map((start, i) => `${start}-${SPLITS[i] ?? ''}`);

/** The region that a row key belongs to. */
export function regionOf(key: string): string {
  const row = key.toLowerCase();
  const place = SPLITS.filter((split) => split <= row).length;
  return REGIONS[place] ?? '';
}

/** How many data nodes keep a write-ahead log (dfs.replication), and how many secondaries a region has. */
const COPIES = 3;
const SECONDARIES = 2;

/** The node itself and those after it in the ring, without those that are lost. */
export function pipelineFrom(nodes: readonly NodeId[], self: NodeId, lost: readonly NodeId[]): NodeId[] {
  return ringFrom(nodes, self)
    .filter((node) => !lost.includes(node))
    .slice(0, COPIES);
}

/** Who keeps copies of the regions that a node serves. */
export function secondariesOf(nodes: readonly NodeId[], self: NodeId): NodeId[] {
  return ringFrom(nodes, self).slice(1, 1 + SECONDARIES);
}

/** A region server's name carries its start code: node, incarnation and start. */
export function serverName(node: NodeId, incarnation: number, start: number): string {
  return `${node}:${incarnation}:${start}`;
}

/** The name of the first one that runs at a node. */
export function firstServer(node: NodeId): string {
  return serverName(node, 1, 1);
}

export function nodeOf(server: string): NodeId {
  return server.replace(/:\d+:\d+$/, '');
}

function ringFrom(nodes: readonly NodeId[], self: NodeId): NodeId[] {
  const place = nodes.indexOf(self);
  return [...nodes.slice(place), ...nodes.slice(0, place)];
}
