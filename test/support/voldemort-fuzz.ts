import { canonical } from '../../shared/base/json.ts';
import { keysOf, type Table } from '../../shared/base/table.ts';
import { compareClocks, descends, type VectorClock } from '../../shared/data/vector-clock.ts';
import { placement } from '../../shared/protocols/quorum/ring.ts';
import { itemsOf } from '../../shared/protocols/quorum/voldemort/versions.ts';
import type { Durable, Versioned, VoldemortState } from '../../shared/protocols/quorum/voldemort/types.ts';
import type { NodeId, OperationRecord, OperationRequest, Stored } from '../../shared/sim/operation.ts';
import type { Protocol } from '../../shared/sim/protocol.ts';
import type { World } from '../../shared/sim/world.ts';
import { resolveKnobs } from '../../shared/systems/system.ts';
import { voldemort } from '../../shared/systems/voldemort.ts';
import { type FuzzSubject, type Invariants, Violation } from './fuzz.ts';

/** What Voldemort is known for, counted where a run has it. */
export type Losses = Map<'an acknowledged item dropped by a clock' | 'a deleted value came back', number>;

/** Voldemort under every fault that keeps disks. */
export function voldemortFuzz(
  knobs: object = {},
  protocol: Protocol = voldemort.protocol,
  losses: Losses = new Map(),
): FuzzSubject {
  return {
    protocol,
    driver: voldemort.driver,
    knobs: resolveKnobs(voldemort, { slopInterval: 5000, ...knobs }, 4),
    sizes: [4, 5],
    faults: [
      ...([
        'cut',
        'cut',
        'cut one way',
        'cut a link',
        'isolate',
        'heal',
        'heal',
        'heal',
        'loss',
        'jitter',
      ] as const),
      ...(['crash', 'restart', 'restart', 'pause', 'resume', 'resume', 'skew'] as const),
    ],
    faultsFor: 30_000,
    // Every client has probed every server it had given up, and every slop was pushed.
    recoveryFor: 30_000,
    answersWithin: 6000,
    operation: askedOf,
    probe: () => ({ kind: 'read', key: 'order' }),
    invariants: (world) => new VoldemortInvariants(world, losses),
  };
}

/** Every value is written once. Only `draft` is ever deleted, and to `cart` items are only added. */
function askedOf(random: number, count: number): OperationRequest {
  const value = `v${count}`;
  switch (random % 8) {
    case 0:
    case 1:
      return { kind: 'write', key: 'order', value };
    case 2:
    case 3:
      return { kind: 'add', key: 'cart', value };
    case 4:
      return { kind: 'write', key: 'draft', value };
    case 5:
      return { kind: 'delete', key: 'draft' };
    default:
      return { kind: 'read', key: ['order', 'cart', 'draft'][(random >>> 8) % 3] ?? 'order' };
  }
}

class VoldemortInvariants implements Invariants {
  readonly #world: World;
  readonly #losses: Losses;
  readonly #knobs: { readonly n: number; readonly requiredWrites: number };
  readonly #checked = new WeakSet<object>();
  #open: OperationRecord[] = [];
  #asked = 0;

  constructor(world: World, losses: Losses) {
    this.#world = world;
    this.#losses = losses;
    this.#knobs = world.setup.knobs as { n: number; requiredWrites: number };
  }

  afterInput(world: World, node: NodeId): void {
    const { data } = diskOf(world, node);
    for (const key of keysOf(data)) {
      const versions = data[key] ?? [];
      if (!this.#checked.has(versions)) checkVersions(`${node} ${key}`, versions, this.#isAsked(key));
      this.#checked.add(versions);
    }
    while (this.#asked < world.operations.length) {
      this.#open.push(world.operations[this.#asked++] as OperationRecord);
    }
    for (const operation of this.#open) if (isAcknowledged(operation)) this.#checkCopies(operation);
    this.#open = this.#open.filter(({ returned }) => returned === null);
  }

  afterRecovery(world: World): void {
    for (const node of world.setup.nodes) {
      const { slops } = diskOf(world, node);
      if (keysOf(slops).length > 0) throw new Violation('slops go home', `${node} keeps ${canonical(slops)}`);
    }
    for (const operation of world.operations) {
      if (!isAcknowledged(operation) || operation.key === 'draft') continue;
      const clock = clockOf(operation);
      if (!this.#holders(operation.key, clock).length) {
        throw new Violation(
          'what was acknowledged is superseded, not lost',
          `${operation.id} at ${operation.key}`,
        );
      }
    }
    this.#lookForLosses();
  }

  #isAsked(key: string): (item: Stored) => boolean {
    return (item) => this.#world.operations.some((asked) => asked.key === key && asked.value === item);
  }

  /** When a write is acknowledged, as many owners as required have it or a version that has seen it. */
  #checkCopies(operation: OperationRecord): void {
    if (operation.key === 'draft') return;
    const copies = this.#holders(operation.key, clockOf(operation)).length;
    if (copies < this.#knobs.requiredWrites) {
      throw new Violation('required writes', `${operation.id} was acknowledged with ${copies}`);
    }
  }

  #holders(key: string, clock: VectorClock): NodeId[] {
    return placement(key, this.#world.setup.nodes, this.#knobs.n).filter((owner) =>
      (diskOf(this.#world, owner).data[key] ?? []).some((version) => descends(version.clock, clock)),
    );
  }

  #lookForLosses(): void {
    const { operations, setup } = this.#world;
    const carts = setup.nodes.flatMap((node) => diskOf(this.#world, node).data['cart'] ?? []);
    const items = carts.flatMap(({ value }) => itemsOf(value));
    const lost = operations.filter(({ key, value, ...rest }) => {
      return key === 'cart' && isAcknowledged({ key, value, ...rest }) && !items.includes(value);
    });
    if (lost.length > 0) this.#count('an acknowledged item dropped by a clock');
    const reads = operations.filter(({ kind, key, result }) => {
      return kind === 'read' && key === 'draft' && typeof result?.value === 'string';
    });
    const returned = reads.some((read) =>
      operations.some(
        ({ kind, key, class: outcome, invoked, returned: end }) =>
          kind === 'delete' &&
          key === 'draft' &&
          outcome === 'ok' &&
          end !== null &&
          end < read.invoked &&
          operations.some(
            (write) => write.value === read.result?.value && (write.returned ?? invoked) < invoked,
          ),
      ),
    );
    if (returned) this.#count('a deleted value came back');
  }

  #count(what: Losses extends Map<infer K, number> ? K : never): void {
    this.#losses.set(what, (this.#losses.get(what) ?? 0) + 1);
  }
}

/** Versions of a key at a server are concurrent, and hold what somebody asked for. */
export function checkVersions(
  where: string,
  versions: readonly Versioned[],
  isAsked: (item: Stored) => boolean,
): void {
  for (const [i, { clock, value }] of versions.entries()) {
    for (const other of versions.slice(i + 1)) {
      const order = compareClocks(clock, other.clock);
      if (order !== 'concurrent') throw new Violation('versions are concurrent', `${where}: ${order}`);
    }
    const stranger = itemsOf(value).find((item) => !isAsked(item));
    if (stranger !== undefined) throw new Violation('no invented values', `${where}: ${canonical(stranger)}`);
  }
}

/** Writes and adds. */
export function isAcknowledged({ kind, class: outcome }: OperationRecord): boolean {
  return outcome === 'ok' && (kind === 'write' || kind === 'add');
}

/** The clock that an operation was told: `n1:2 n3:1`. */
export function clockOf({ result }: OperationRecord): VectorClock {
  const clock: Table<number> = {};
  for (const entry of (result?.version ?? '').split(' ')) {
    const [node = '', count = '0'] = entry.split(':');
    clock[node] = Number(count);
  }
  return clock;
}

export function diskOf(world: World, id: NodeId): Durable {
  const node = world.node(id);
  return node.up ? (node.replica as VoldemortState).durable : (node.durable as Durable);
}
