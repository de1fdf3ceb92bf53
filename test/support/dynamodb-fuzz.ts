import { canonical } from '../../shared/base/json.ts';
import { keysOf } from '../../shared/base/table.ts';
import { partitionOf } from '../../shared/protocols/consensus/dynamodb/placement.ts';
import type {
  Durable,
  DynamoDbKnobs,
  DynamoDbState,
} from '../../shared/protocols/consensus/dynamodb/types.ts';
import type { NodeId, OperationRecord, OperationRequest } from '../../shared/sim/operation.ts';
import type { Protocol } from '../../shared/sim/protocol.ts';
import type { World } from '../../shared/sim/world.ts';
import { dynamodb } from '../../shared/systems/dynamodb.ts';
import { type FuzzSubject, type Invariants, Violation } from './fuzz.ts';
import { COMMON_FAULTS } from './fuzz-faults.ts';

/** What DynamoDB is known for, counted over runs. */
export type Surprises = {
  /** Acknowledged increments that no Region has: the later clock won. */
  lostIncrements: number;
  /** Increments that counted twice, because the SDK tried again what had been done. */
  doubleCounts: number;
  /**
   * Reads that missed a write acknowledged before they began: default ones, and where a clock was set back under a
   * paused node also consistent ones.
   */
  staleReads: number;
};

export function noSurprises(): Surprises {
  return { lostIncrements: 0, doubleCounts: 0, staleReads: 0 };
}

/** Only counted up and read: its values tell the order. */
const COUNT = 'likes';

/** DynamoDB under every fault that keeps disks. */
export function dynamoDbFuzz(
  knobs: Partial<DynamoDbKnobs> = {},
  surprises: Surprises = noSurprises(),
  protocol: Protocol = dynamodb.protocol,
): FuzzSubject {
  const settings: DynamoDbKnobs = {
    ...{ mode: 'region', regions: 3, partitions: 2, heartbeatMs: 500, leaseHeartbeats: 3 },
    ...knobs,
  };
  return {
    protocol,
    driver: dynamodb.driver,
    knobs: settings,
    sizes: [3, 5, 6],
    faults: COMMON_FAULTS,
    faultsFor: 60_000,
    recoveryFor: 40_000,
    answersWithin: 2000,
    operation: askedOf,
    probe: () => ({ kind: 'read', key: COUNT, options: { consistentRead: true } }),
    invariants: (world) => new DynamoDbInvariants(world, settings, surprises),
  };
}

function askedOf(random: number, count: number): OperationRequest {
  switch (random % 6) {
    case 0:
    case 1:
      return { kind: 'increment', key: COUNT, value: 1 };
    case 2:
      return { kind: 'read', key: COUNT, options: { consistentRead: true } };
    case 3:
      return { kind: 'read', key: COUNT };
    case 4:
      return { kind: 'cas', key: 'seat', value: `v${count}`, expected: null };
    default:
      return (random >>> 8) % 3 === 0
        ? { kind: 'delete', key: 'seat' }
        : { kind: 'add', key: 'cart', value: `v${count}` };
  }
}

class DynamoDbInvariants implements Invariants {
  readonly #world: World;
  readonly #knobs: DynamoDbKnobs;
  readonly #surprises: Surprises;
  /** What was proposed under a ballot and a number, by group and key: one thing. */
  readonly #proposed = new Map<string, string>();
  readonly #checked = new WeakSet<object>();
  readonly #clocks = new Map<NodeId, number>();
  /** A lease is counted by the clock here, and a paused leader whose clock is set back does not see that it is over. */
  #isSetBack = false;

  constructor(world: World, knobs: DynamoDbKnobs, surprises: Surprises) {
    this.#world = world;
    this.#knobs = knobs;
    this.#surprises = surprises;
  }

  afterInput(world: World, node: NodeId): void {
    const { paused, clockOffset } = world.node(node);
    this.#isSetBack ||= paused && clockOffset < (this.#clocks.get(node) ?? 0);
    this.#clocks.set(node, clockOffset);
    const { groups } = diskOf(world, node);
    for (const id of keysOf(groups)) {
      const { items = {} } = groups[id] ?? {};
      for (const key of keysOf(items)) {
        for (const item of [items[key]?.accepted, items[key]?.committed]) {
          if (item == null || this.#checked.has(item)) continue;
          this.#checked.add(item);
          const name = `${id} ${key} ${item.ballot}/${item.sequence}`;
          const text = canonical(item);
          const known = this.#proposed.get(name) ?? text;
          if (known !== text)
            throw new Violation('one proposal under one number', `${name}: ${known}, ${text}`);
          this.#proposed.set(name, text);
        }
      }
    }
  }

  afterRecovery(world: World): void {
    this.#checkAgreement(world);
    if (this.#knobs.mode !== 'global-eventual') this.#checkOrder();
    this.#checkCount();
  }

  /** Every replica of every Region shows the same in the end. */
  #checkAgreement(world: World): void {
    for (const key of [COUNT, 'seat', 'cart']) {
      const name = `p${partitionOf(key, this.#knobs.partitions)}`;
      const shown = world.setup.nodes.flatMap((node) => {
        const { groups } = diskOf(world, node);
        return keysOf(groups)
          .filter((id) => id.split(' ')[0] === name)
          .map((id) => {
            const item = groups[id]?.items[key]?.committed;
            return item == null || item.deleted ? 'null' : canonical(item.value);
          });
      });
      if (new Set(shown).size > 1) throw new Violation('replicas agree', `${key}: ${shown.join(' ')}`);
    }
  }

  /** A consistent read, and an increment, sees every increment that had been acknowledged when it was asked. */
  #checkOrder(): void {
    const counted = this.#operations((record) => record.class === 'ok');
    const seen = new Set<number>();
    for (const record of counted) {
      const value = Number(record.result?.value ?? 0);
      const before = counted.filter(
        ({ kind, returned }) => kind === 'increment' && (returned ?? Infinity) < record.invoked,
      );
      const least = Math.max(0, ...before.map(({ result }) => Number(result?.value)));
      if (record.kind === 'increment' ? value > least && !seen.has(value) : value >= least) {
        if (record.kind === 'increment') seen.add(value);
      } else if (record.kind === 'read' && (record.options?.['consistentRead'] !== true || this.#isSetBack)) {
        this.#surprises.staleReads++;
      } else throw new Violation('no stale answers', `${record.id} saw ${value} after ${least}`);
    }
  }

  #checkCount(): void {
    const total = Number(this.#operations(({ kind }) => kind === 'read').at(-1)?.result?.value ?? 0);
    const increments = this.#operations(({ kind }) => kind === 'increment');
    const done = increments.filter((record) => record.class === 'ok').length;
    const perhaps = increments.filter((record) => record.class === 'info').length;
    if (total > done + perhaps) this.#surprises.doubleCounts++;
    if (total >= done) return;
    if (this.#knobs.mode !== 'global-eventual') {
      throw new Violation('acknowledged writes stay', `${total} of ${done} increments`);
    }
    this.#surprises.lostIncrements += done - total;
  }

  #operations(wanted: (record: OperationRecord) => boolean): OperationRecord[] {
    return this.#world.operations.filter((record) => record.key === COUNT && wanted(record));
  }
}

function diskOf(world: World, id: NodeId): Durable {
  const node = world.node(id);
  return node.up ? (node.replica as DynamoDbState).durable : (node.durable as Durable);
}
