import { keysOf, lookUp } from '../../../base/table.ts';
import { setTimer } from '../../turn.ts';
import type { MoveMessage } from './message-types.ts';
import { tell } from './turn.ts';
import type { Region, RegionServer, Turn } from './types.ts';

/** hbase.regionserver.msginterval: how often a region server reports. Milliseconds. */
const REPORT_EVERY = 3000;

/** The master takes a region away: nobody may use it here any more. */
export function onCloseRegion(
  turn: Turn,
  { region: name, server }: MoveMessage & { kind: 'close-region' },
): void {
  const { server: self } = turn.state;
  const region = lookUp(self.regions, name);
  if (server !== self.id || region === undefined || region.moved === true) return;
  region.open = false;
  region.closing ??= self.wal.entries.length;
  tellClosed(turn);
  setTimer(turn, 'report', REPORT_EVERY);
}

/** Says which regions are closed, with all their changes on disk. Their content goes with it, in place of HDFS's files. */
export function tellClosed(turn: Turn): void {
  const { server, members } = turn.state;
  for (const name of keysOf(server.regions)) {
    const region = server.regions[name];
    if (region?.closing === undefined || region.moved === true || server.wal.synced < region.closing)
      continue;
    const rows = { cells: { ...region.latest.cells }, nonces: { ...region.latest.nonces } };
    const { sequence } = region;
    const message = { kind: 'region-closed', region: name, server: server.id, rows, sequence } as const;
    for (const node of members) tell(turn, node, message);
  }
}

/** Says that a region is open here; of one that had been given away, until the masters have answered. */
export function tellOpened(turn: Turn, region: string): void {
  const { server, members } = turn.state;
  const again = isBack(lookUp(server.regions, region));
  const message = { kind: 'region-opened', region, server: server.id } as const;
  for (const node of members) tell(turn, node, again ? { ...message, again } : message);
  if (again) setTimer(turn, 'report', REPORT_EVERY);
}

/**
 * Everybody may know that a region is back: it is served again (AssignRegionHandler.java: a region goes online once the
 * master has noted that it is open).
 */
export function onRegionAnnounced(
  { state }: Turn,
  { region: name, server }: MoveMessage & { kind: 'region-announced' },
): void {
  const region = lookUp(state.server.regions, name);
  if (server === state.server.id && region?.open === true) delete region.unannounced;
}

/** Another server has the region. What is kept of it tells an old order to open it from a new one. */
export function onRegionMoved(
  turn: Turn,
  { region: name, server }: MoveMessage & { kind: 'region-moved' },
): void {
  const { server: self } = turn.state;
  const region = lookUp(self.regions, name);
  if (server === self.id && region?.closing !== undefined) region.moved = true;
}

/** A server that an administrator has started reports until it has regions; one that gives regions away, until they have gone. */
export function report(turn: Turn): void {
  const { server, ordered, members } = turn.state;
  if (server.phase !== 'running') return;
  const regions = heldBy(server);
  const isIdle = ordered === 'started' && regions.length === 0;
  const isGiving = regions.some((name) => server.regions[name]?.closing !== undefined);
  const back = regions.filter((name) => isBack(server.regions[name]));
  if (isIdle) for (const node of members) tell(turn, node, { kind: 'report', server: server.id });
  if (isGiving) tellClosed(turn);
  for (const name of back) tellOpened(turn, name);
  if (isIdle || isGiving) setTimer(turn, 'report', REPORT_EVERY);
}

function isBack(region: Region | undefined): boolean {
  return region?.open === true && region.unannounced === true;
}

/** The regions that are its own, also those that it is opening or giving away. */
export function heldBy({ regions }: RegionServer): string[] {
  return keysOf(regions).filter((name) => regions[name]?.moved !== true);
}
