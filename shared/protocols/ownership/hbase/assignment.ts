import { keysOf, lookUp } from '../../../base/table.ts';
import { mark } from '../../turn.ts';
import { askZooKeeper } from './ensemble.ts';
import type { Master, Opening } from './master-types.ts';
import { nodeOf, REGIONS } from './regions.ts';
import { tell } from './turn.ts';
import type { Rows, Turn } from './types.ts';

/**
 * What the active master does next, from what it knows: logs without their server are recovered, and regions
 * without a living server are opened at another, with what the log held.
 */
export function plan(turn: Turn, master: Master): void {
  const { servers, logs, regions } = master;
  if (!master.active || servers === null || logs === null) return;
  if (REGIONS.some((region) => lookUp(regions, region) === undefined)) return;
  for (const server of logs) {
    if (!servers.includes(server) && lookUp(master.recoveries, server) === undefined) {
      recover(turn, master, server);
    }
  }
  for (const region of REGIONS) assign(turn, master, servers, region);
  for (const server of keysOf(master.recoveries)) forget(turn, master, server);
}

function recover(turn: Turn, master: Master, server: string): void {
  master.recoveries[server] = { phase: 'look', generation: 0, pipeline: [], older: {}, regions: null };
  mark(turn, 'suspect', `${turn.state.self} takes the region server ${server} for dead`);
  askZooKeeper(turn, { kind: 'get', path: `logs/${server}`, watch: false }, { kind: 'read-log', server });
}

function assign(turn: Turn, master: Master, servers: readonly string[], region: string): void {
  const owner = lookUp(master.regions, region)?.server ?? null;
  const opening = lookUp(master.openings, region);
  if ((owner !== null && servers.includes(owner)) || servers.length === 0) return;
  if (opening !== undefined && (opening.opened || servers.includes(opening.target))) return;
  if (owner === null) {
    if (master.ready) open(turn, master, servers, region, null, { cells: {}, nonces: {} }, 0);
    return;
  }
  const recovery = lookUp(master.recoveries, owner);
  if (recovery?.phase !== 'replay') return;
  const content = lookUp(recovery.regions ?? {}, region);
  open(
    turn,
    master,
    servers,
    region,
    owner,
    content?.rows ?? { cells: {}, nonces: {} },
    content?.sequence ?? 0,
  );
}

function open(
  turn: Turn,
  master: Master,
  servers: readonly string[],
  region: string,
  from: string | null,
  rows: Rows,
  sequence: number,
): void {
  const target = leastLoaded(turn, master, servers);
  const version = lookUp(master.regions, region)?.version ?? 0;
  const opening: Opening = { target, from, version, rows, sequence, opened: false };
  master.openings[region] = opening;
  tell(turn, nodeOf(target), { kind: 'open-region', region, server: target, rows, sequence });
}

/** In the order of nodes, not of names: the tenth comes after the ninth. */
function leastLoaded({ state }: Turn, master: Master, servers: readonly string[]): string {
  const load = (server: string): number =>
    REGIONS.filter(
      (region) =>
        lookUp(master.openings, region)?.target === server ||
        lookUp(master.regions, region)?.server === server,
    ).length;
  const place = (server: string): number => state.nodes.indexOf(nodeOf(server));
  const [best = ''] = [...servers].sort((a, b) => load(a) - load(b) || place(a) - place(b));
  return best;
}

/** No region is left with the dead server. Where the order was changed its log is sealed only now. */
function forget(turn: Turn, master: Master, server: string): void {
  const recovery = lookUp(master.recoveries, server);
  if (recovery?.phase !== 'replay') return;
  if (REGIONS.some((region) => lookUp(master.regions, region)?.server === server)) return;
  delete master.recoveries[server];
  master.logs = (master.logs ?? []).filter((log) => log !== server);
  if (!turn.state.knobs.fenceBeforeReplay) {
    for (const node of recovery.pipeline) tell(turn, node, { kind: 'log-recover', log: server, seal: true });
  }
  askZooKeeper(turn, { kind: 'delete', path: `logs/${server}`, version: -1 }, { kind: 'drop-log', server });
}
