import { regionOf, REGIONS } from '../../shared/protocols/ownership/hbase/regions.ts';
import type { HBaseDurable, HBaseState } from '../../shared/protocols/ownership/hbase/types.ts';
import type { Transaction, ZabDurable, ZabState } from '../../shared/protocols/consensus/zab/types.ts';
import type { NodeId, OperationRequest } from '../../shared/sim/operation.ts';
import type { World } from '../../shared/sim/world.ts';
import { hbase } from '../../shared/systems/hbase.ts';
import { resolveKnobs } from '../../shared/systems/system.ts';
import { COMMON_FAULTS } from './fuzz-faults.ts';
import { Violation, type FuzzSubject, type Invariants } from './fuzz.ts';
import { ZabInvariants } from './zab-invariants.ts';

/** HBase under faults. Sessions are as short as the ensemble grants them, so that regions move in a short run. */
export const hbaseFuzz: FuzzSubject = {
  protocol: hbase.protocol,
  driver: hbase.driver,
  knobs: resolveKnobs(hbase, { sessionTimeout: 4000, selfAbortAfter: 4000 }, 5),
  sizes: [4, 5, 6],
  faults: COMMON_FAULTS,
  faultsFor: 40_000,
  // Clients that waited long ask rarely, and a silent data node is waited for for a minute.
  recoveryFor: 150_000,
  answersWithin: 25_000,
  operation: randomOperation,
  probe: (node) => ({ kind: 'write', key: 'probe', value: `by ${node}` }),
  invariants: (world) => new HBaseInvariants(world),
};

/** Every value is written under a key of its own, so that each acknowledged write can be looked for. */
function randomOperation(random: number, count: number): OperationRequest {
  const letter = 'adgjmpsv'[random % 8] ?? 'a';
  switch ((random >>> 4) % 8) {
    case 0:
      return { kind: 'read', key: `${letter}${count - 5}` };
    case 1:
      return { kind: 'read', key: `${letter}${count - 5}`, options: { timeline: true } };
    case 2:
      return { kind: 'increment', key: `${letter}-count` };
    case 3:
      return { kind: 'add', key: `${letter}-set`, value: `v${count}` };
    default:
      return { kind: 'write', key: `${letter}${count}`, value: `v${count}` };
  }
}

/**
 * The ensemble's properties, and HBase's: a region's changes have one order, nothing acknowledged is lost, and
 * counters count each increment once.
 */
class HBaseInvariants implements Invariants {
  readonly #ensemble: ZabInvariants;

  constructor(world: World) {
    const members = world.setup.nodes.slice(0, 3);
    this.#ensemble = new ZabInvariants(world, members, ensembleOf, logOf);
  }

  afterInput(world: World, node: NodeId): void {
    this.#ensemble.afterInput(world, node);
  }

  afterRecovery(world: World): void {
    checkNumbers(world);
    const held = contentOf(world);
    for (const { id, class: outcome, kind, key, value } of world.operations) {
      if (outcome !== 'ok' || kind !== 'write' || key === 'probe') continue;
      if (held.get(key) !== value) throw new Violation('no acknowledged write is lost', `${id} wrote ${key}`);
    }
    checkCounters(world, held);
  }
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
    const owner = world.setup.nodes.find(
      (node) => (world.node(node).replica as HBaseState).server.id === server,
    );
    if (owner === undefined) throw new Violation('every region is served', `${name} is ${String(server)}'s`);
    const region = (world.node(owner).replica as HBaseState).server.regions[name];
    for (const [key, cell] of Object.entries(region?.visible ?? {})) held.set(key, cell.value);
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
