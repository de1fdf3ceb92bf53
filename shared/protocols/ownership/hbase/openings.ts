import { lookUp } from '../../../base/table.ts';
import type { Master, Opening } from './master-types.ts';
import { nodeOf, REGIONS } from './regions.ts';
import { tell } from './turn.ts';
import type { Rows, Turn } from './types.ts';

/** A region's content, and whose it was: null for nobody's. */
export type Content = { readonly from: string | null; readonly rows: Rows; readonly sequence: number };

/** Has a server open a region. What was decided about it before is forgotten. */
export function open(turn: Turn, master: Master, target: string, region: string, content: Content): void {
  const version = lookUp(master.regions, region)?.version ?? 0;
  const { from, rows, sequence } = content;
  const opening: Opening = { target, from, version, rows, sequence, opened: false };
  master.openings[region] = opening;
  tell(turn, nodeOf(target), { kind: 'open-region', region, server: target, rows, sequence });
}

/** Of the servers that are not being unloaded, if there are any. In the order of nodes, not of names: the tenth comes after the ninth. */
export function leastLoaded({ state }: Turn, master: Master, servers: readonly string[]): string {
  const staying = servers.filter((server) => !isUnloading(master, server));
  const load = (server: string): number =>
    REGIONS.filter(
      (region) =>
        lookUp(master.openings, region)?.target === server ||
        lookUp(master.moves ?? {}, region)?.target === server ||
        lookUp(master.regions, region)?.server === server,
    ).length;
  const place = (server: string): number => state.nodes.indexOf(nodeOf(server));
  const candidates = staying.length > 0 ? staying : [...servers];
  const [best = ''] = candidates.sort((a, b) => load(a) - load(b) || place(a) - place(b));
  return best;
}

/** Whether it is to have no regions any more. */
export function isUnloading({ unloads = [] }: Master, server: string): boolean {
  return unloads.some((unload) => unload.server === server);
}
