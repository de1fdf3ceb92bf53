import { keysOf, lookUp } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { reply, setTimer } from '../../turn.ts';
import type { Master, Unload } from './master-types.ts';
import type { MoveMessage } from './message-types.ts';
import { isUnloading, leastLoaded, open } from './openings.ts';
import { nodeOf, REGIONS } from './regions.ts';
import { tell } from './turn.ts';
import type { Turn } from './types.ts';

/** hbase.balancer.period. Milliseconds. */
const PERIOD = 300_000;

/** A server without regions has reported: the balancer's next run may give it some. */
export function onReport(turn: Turn, { server }: MoveMessage & { kind: 'report' }): void {
  const { master } = turn.state;
  if (master?.active !== true || master.servers?.includes(server) !== true || master.balances) return;
  master.balances = true;
  setTimer(turn, 'balancer', PERIOD - (turn.now % PERIOD));
}

/**
 * The balancer runs: regions move from the servers with most to those with fewest, until no two differ by more than
 * one. With so few regions that is where the costs of StochasticLoadBalancer.java lead, too. Not while regions are in
 * transition, nor while graceful_stop.sh unloads a server: it has the balancer switched off.
 */
export function onBalancerTimer(turn: Turn): void {
  const { master } = turn.state;
  if (master === null) return;
  delete master.balances;
  const { active, servers, openings, moves, recoveries } = master;
  const inTransition = [openings, moves ?? {}, recoveries].some((table) => keysOf(table).length > 0);
  const isSwitchedOff = (master.unloads ?? []).length > 0;
  if (!active || servers === null || inTransition || isSwitchedOff) return;
  const held = servers.map((server) => ({ server, regions: regionsOf(master, server) }));
  for (;;) {
    held.sort(
      (a, b) => a.regions.length - b.regions.length || placeOf(turn, a.server) - placeOf(turn, b.server),
    );
    const [least, most] = [held[0], held.at(-1)];
    const region = most?.regions.at(-1);
    if (least === undefined || most === undefined || region === undefined) return;
    if (most.regions.length - least.regions.length <= 1) return;
    most.regions.pop();
    least.regions.push(region);
    move(turn, master, region, most.server, least.server);
  }
}

/** The region mover asks that a node's region server gives all its regions away. */
export function onUnload(turn: Turn, asker: NodeId, id: number, node: NodeId): void {
  const { master } = turn.state;
  if (master?.active !== true || master.servers === null) {
    reply(turn, asker, id, { kind: 'exception', error: 'PleaseHoldException' });
    return;
  }
  const server = master.servers.filter((name) => nodeOf(name) === node).at(-1);
  if (server === undefined) {
    reply(turn, asker, id, { kind: 'refused', why: 'unknown' });
    return;
  }
  if (master.servers.every((other) => other === server || isUnloading(master, other))) {
    reply(turn, asker, id, { kind: 'refused', why: 'alone' });
    return;
  }
  const others = (master.unloads ?? []).filter(
    (unload) => unload.server !== server || unload.asker !== asker,
  );
  master.unloads = [...others, { server, asker, id }];
  goOn(turn, master);
}

/** What moves and unloadings need next, from what the master knows now. */
export function goOn(turn: Turn, master: Master): void {
  for (const region of keysOf(master.moves ?? {})) {
    const from = lookUp(master.moves ?? {}, region)?.from;
    if (lookUp(master.regions, region)?.server !== from) delete master.moves?.[region];
  }
  for (const unload of master.unloads ?? []) unloadOne(turn, master, unload);
}

/** A region server may not have heard. */
export function retryMoves(turn: Turn, master: Master): void {
  for (const region of keysOf(master.moves ?? {})) {
    const from = lookUp(master.moves ?? {}, region)?.from;
    if (from !== undefined && lookUp(master.openings, region) === undefined) tellToClose(turn, region, from);
  }
}

/** A living server has closed a region, with everything in it on disk: it is opened elsewhere, once somebody is there. */
export function onRegionClosed(turn: Turn, message: MoveMessage & { kind: 'region-closed' }): void {
  const { master } = turn.state;
  if (master?.active !== true || master.servers === null || master.servers.length === 0) return;
  const { region, server, rows, sequence } = message;
  const owner = lookUp(master.regions, region)?.server ?? null;
  if (owner === null || lookUp(master.openings, region) !== undefined) return;
  if (owner !== server) {
    tellMoved(turn, region, server);
    return;
  }
  const wanted = lookUp(master.moves ?? {}, region)?.target ?? '';
  const isThere = master.servers.includes(wanted) && !isUnloading(master, wanted);
  const target = isThere ? wanted : leastLoaded(turn, master, master.servers);
  // Opening a region takes a number of its own: what a server knows of an earlier opening is older.
  open(turn, master, target, region, { from: server, rows, sequence: sequence + 1 });
}

/** Its former server need not keep it any more. */
export function tellMoved(turn: Turn, region: string, from: string): void {
  tell(turn, nodeOf(from), { kind: 'region-moved', region, server: from });
}

/** One region after the other (graceful_stop.sh: maxthreads=1). */
function unloadOne(turn: Turn, master: Master, unload: Unload): void {
  const { server, asker, id } = unload;
  const isMoving = keysOf(master.moves ?? {}).some((region) => master.moves?.[region]?.from === server);
  if (isMoving) return;
  const [region] = regionsOf(master, server);
  const isOpening = keysOf(master.openings).some((name) => master.openings[name]?.target === server);
  if (master.servers?.includes(server) !== true || (region === undefined && !isOpening)) {
    master.unloads = (master.unloads ?? []).filter((other) => other !== unload);
    reply(turn, asker, id, { kind: 'done' });
  } else if (region !== undefined && lookUp(master.openings, region) === undefined) {
    move(turn, master, region, server, leastLoaded(turn, master, master.servers));
  }
}

function move(turn: Turn, master: Master, region: string, from: string, target: string): void {
  master.moves = { ...master.moves, [region]: { from, target } };
  tellToClose(turn, region, from);
}

function tellToClose(turn: Turn, region: string, server: string): void {
  tell(turn, nodeOf(server), { kind: 'close-region', region, server });
}

function regionsOf(master: Master, server: string): string[] {
  return REGIONS.filter((region) => lookUp(master.regions, region)?.server === server);
}

function placeOf({ state }: Turn, server: string): number {
  return state.nodes.indexOf(nodeOf(server));
}
