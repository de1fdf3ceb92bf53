import type { Transaction, ZabDurable, ZabState } from '../../shared/protocols/consensus/zab/types.ts';
import { regionOf, REGIONS } from '../../shared/protocols/ownership/hbase/regions.ts';
import type { HBaseDurable, HBaseState, RegionServer } from '../../shared/protocols/ownership/hbase/types.ts';
import type { NodeId } from '../../shared/sim/operation.ts';
import type { World } from '../../shared/sim/world.ts';
import { Violation, type Invariants } from './fuzz.ts';
import { ZabInvariants } from './zab-invariants.ts';

/**
 * The ensemble's properties, and HBase's: a region has one server that can write to it, its changes have one order, nothing acknowledged is lost, and
 * counters count each increment once.
 */
export class HBaseInvariants implements Invariants {
  readonly #ensemble: ZabInvariants;
  /** By region: the servers that ZooKeeper has named so far. Nobody goes to another, though it may have opened it, too. */
  readonly #named = new Map<string, Set<string>>(REGIONS.map((region) => [region, new Set()]));

  constructor(world: World) {
    const members = world.setup.nodes.slice(0, 3);
    this.#ensemble = new ZabInvariants(world, members, ensembleOf, logOf);
  }

  afterInput(world: World, node: NodeId): void {
    this.#ensemble.afterInput(world, node);
    const znodes = ensembleOf(world.node(node).replica)?.tree.znodes ?? {};
    for (const [region, named] of this.#named) {
      named.add(String(znodes[`regions/${region}`]?.value));
      checkWriters(world, node, region, named);
    }
  }

  afterRecovery(world: World): void {
    if (isStopped(world)) return;
    checkNumbers(world);
    const held = contentOf(world);
    for (const { id, class: outcome, kind, key, value } of world.operations) {
      if (outcome !== 'ok' || kind !== 'write' || key === 'probe') continue;
      if (held.get(key) !== value) throw new Violation('no acknowledged write is lost', `${id} wrote ${key}`);
    }
    checkCounters(world, held);
  }
}

/** Administrators who do not know of each other have stopped every region server. */
export function isStopped(world: World): boolean {
  return world.setup.nodes.every((node) => serverOf(world, node).phase === 'stopped');
}

/** A region is open at one server that can still write to its log, at most. */
function checkWriters(world: World, node: NodeId, region: string, named: ReadonlySet<string>): void {
  if (!hasOpen(world, node, region)) return;
  const open = world.setup.nodes.filter((one) => hasOpen(world, one, region));
  if (open.length === 1) return;
  const writers = open.map((one) => serverOf(world, one)).filter((server) => canWrite(world, server));
  const known = writers.map(({ id }) => id).filter((id) => named.has(id));
  if (known.length > 1)
    throw new Violation('a region has one writer', `${region} is open at ${known.join(' and ')}`);
}

function hasOpen(world: World, node: NodeId, region: string): boolean {
  return world.node(node).up && serverOf(world, node).regions[region]?.open === true;
}

/** A data node that has sealed its copy of a log takes nothing more, and an entry has to be at all of them. */
function canWrite(world: World, { id, wal }: RegionServer): boolean {
  return wal.pipeline.every((node) => {
    const { up, durable, replica } = world.node(node);
    const { logs } = up ? (replica as HBaseState) : (durable as HBaseDurable);
    return logs[id]?.sealed !== true;
  });
}

function serverOf(world: World, node: NodeId): RegionServer {
  return (world.node(node).replica as HBaseState).server;
}

/**
 * A region server numbers the changes of its region. A number was given twice: by two servers at once, or by one
 * that did not have what the one before it had acknowledged.
 */
function checkNumbers({ operations }: World): void {
  const given = new Map<string, string>();
  for (const { id, class: outcome, kind, key, result } of operations) {
    if (outcome !== 'ok' || kind !== 'write') continue;
    const change = `${regionOf(key)}, change ${String(result?.revision)}`;
    const other = given.get(change);
    if (other !== undefined)
      throw new Violation('each change has its own number', `${change}: ${other} and ${id}`);
    given.set(change, id);
  }
}

/** Each acknowledged increment counts once; one of which nobody knows may count, but not twice. */
function checkCounters(world: World, held: ReadonlyMap<string, unknown>): void {
  const increments = world.operations.filter(({ kind }) => kind === 'increment');
  for (const key of new Set(increments.map((operation) => operation.key))) {
    const asked = increments.filter((operation) => operation.key === key);
    const least = asked.filter(({ class: outcome }) => outcome === 'ok').length;
    const most = asked.filter(({ class: outcome }) => outcome !== 'fail').length;
    const count = Number(held.get(key) ?? 0);
    if (count >= least && count <= most) continue;
    throw new Violation('increments count once', `${key} is ${count}, not ${least} to ${most}`);
  }
}

/** What the servers that ZooKeeper names hold. */
function contentOf(world: World): Map<string, unknown> {
  const ensemble = ensembleOf(world.node(world.setup.nodes[0] ?? '').replica);
  const held = new Map<string, unknown>();
  for (const name of REGIONS) {
    const server = ensemble?.tree.znodes[`regions/${name}`]?.value;
    const owner = world.setup.nodes.find((node) => serverOf(world, node).id === server);
    const region = owner === undefined ? undefined : serverOf(world, owner).regions[name];
    if (region?.open !== true)
      throw new Violation('every region is served', `${name} is ${String(server)}'s`);
    for (const [key, cell] of Object.entries(region.visible)) held.set(key, cell.value);
  }
  return held;
}

function ensembleOf(replica: object): ZabState | undefined {
  return ((replica as HBaseState).ensemble as ZabState | null) ?? undefined;
}

function logOf(world: World, node: NodeId): readonly Transaction[] {
  const machine = world.node(node);
  if (machine.up) return ensembleOf(machine.replica)?.log ?? [];
  return ((machine.durable as HBaseDurable | null)?.ensemble as ZabDurable | null)?.log ?? [];
}
