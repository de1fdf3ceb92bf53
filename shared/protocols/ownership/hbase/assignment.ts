import { keysOf, lookUp } from '../../../base/table.ts';
import { mark } from '../../turn.ts';
import { goOn } from './balancer.ts';
import { askZooKeeper } from './ensemble.ts';
import type { Master } from './master-types.ts';
import { leastLoaded, open } from './openings.ts';
import { REGIONS } from './regions.ts';
import { tell } from './turn.ts';
import type { Turn } from './types.ts';

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
  goOn(turn, master);
}

function recover(turn: Turn, master: Master, server: string): void {
  master.recoveries[server] = { phase: 'look', generation: 0, pipeline: [], older: {}, regions: null };
  mark(turn, 'suspect', `${turn.state.self} takes the region server ${server} for dead`);
  askZooKeeper(turn, { kind: 'get', path: `logs/${server}`, watch: false }, { kind: 'read-log', server });
}

function assign(turn: Turn, master: Master, servers: readonly string[], region: string): void {
  const owner = lookUp(master.regions, region)?.server ?? null;
  const opening = lookUp(master.openings, region);
  if (servers.length === 0) return;
  if (owner !== null && servers.includes(owner)) {
    // It has closed the region, and whoever was to open it has died.
    if (opening?.from === owner && !opening.opened && !servers.includes(opening.target)) {
      open(turn, master, leastLoaded(turn, master, servers), region, opening);
    }
    return;
  }
  if (opening !== undefined && (opening.opened || servers.includes(opening.target))) return;
  if (owner === null) {
    const nothing = { from: null, rows: { cells: {}, nonces: {} }, sequence: 0 };
    if (master.ready) open(turn, master, leastLoaded(turn, master, servers), region, nothing);
    return;
  }
  const recovery = lookUp(master.recoveries, owner);
  if (recovery?.phase !== 'replay') return;
  const content = lookUp(recovery.regions ?? {}, region);
  const rows = content?.rows ?? { cells: {}, nonces: {} };
  const sequence = content?.sequence ?? 0;
  open(turn, master, leastLoaded(turn, master, servers), region, { from: owner, rows, sequence });
}

/**
 * No region is left with the dead server, and none is on its way to it, which may be made known as its all the same. Where
 * the order was changed its log is sealed only now.
 */
function forget(turn: Turn, master: Master, server: string): void {
  const recovery = lookUp(master.recoveries, server);
  if (recovery?.phase !== 'replay') return;
  const isNamed = (region: string): boolean =>
    lookUp(master.regions, region)?.server === server || lookUp(master.openings, region)?.target === server;
  if (REGIONS.some(isNamed)) return;
  delete master.recoveries[server];
  master.logs = (master.logs ?? []).filter((log) => log !== server);
  if (!turn.state.knobs.fenceBeforeReplay) {
    for (const node of recovery.pipeline) tell(turn, node, { kind: 'log-recover', log: server, seal: true });
  }
  askZooKeeper(turn, { kind: 'delete', path: `logs/${server}`, version: -1 }, { kind: 'drop-log', server });
}
