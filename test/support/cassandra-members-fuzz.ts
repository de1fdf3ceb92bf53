import { canonical } from '../../shared/base/json.ts';
import { keysOf } from '../../shared/base/table.ts';
import { statusOf } from '../../shared/protocols/quorum/cassandra/statuses.ts';
import type { CassandraState, Durable } from '../../shared/protocols/quorum/cassandra/types.ts';
import { placement } from '../../shared/protocols/quorum/ring.ts';
import { dataOperations, type NodeId, type OperationRecord } from '../../shared/sim/operation.ts';
import type { Protocol } from '../../shared/sim/protocol.ts';
import type { World } from '../../shared/sim/world.ts';
import { cassandra } from '../../shared/systems/cassandra.ts';
import {
  checkAgreement,
  checkAsked,
  checkCounter,
  checkOrder,
  checkSeat,
  diskOf,
  hasSince,
  timestampOf,
} from './cassandra-claims.ts';
import { cassandraFuzz } from './cassandra-fuzz.ts';
import type { FaultKind } from './fuzz-faults.ts';
import { type FuzzSubject, type Invariants, Violation } from './fuzz.ts';

const SPARES = 2;

/** Movements take half a minute, and come to an end only where it is quiet: to resume what is not paused is no fault. */
const nothing = Array<FaultKind>(30).fill('resume');

/** Cassandra's nodes that bootstrap and are decommissioned, also several at once and while much is broken. */
export function cassandraMembersFuzz(
  knobs: object = {},
  protocol: Protocol = cassandra.protocol,
): FuzzSubject {
  const subject = cassandraFuzz(knobs, protocol);
  return {
    ...subject,
    sizes: [6, 7],
    spares: SPARES,
    faults: [...subject.faults, ...nothing, 'join', 'join', 'join', 'leave', 'leave'],
    faultsFor: 150_000,
    // More than what a tool waits for a machine that is silent.
    recoveryFor: 200_000,
    invariants: (world) => new MembersInvariants(world),
  };
}

/** And dead nodes are removed by others; without a repair at the end, which such a ring may not be able to do. */
export function cassandraRemovalsFuzz(): FuzzSubject {
  const subject = cassandraMembersFuzz();
  return {
    ...subject,
    probe: (node) => ({
      kind: 'write',
      key: 'probe',
      value: `by ${node}`,
      options: { consistency: 'ANY' },
    }),
    operation: (random, count) =>
      (random >>> 4) % 40 === 0
        ? { kind: 'leave', key: `n${1 + ((random >>> 12) % 7)}`, options: { command: 'removenode' } }
        : subject.operation(random, count),
    invariants: (world) => new MembersInvariants(world, { removals: true }),
  };
}

/** What a node knows of where all are in their lives. */
type Known = Pick<CassandraState, 'self' | 'nodes' | 'members' | 'durable'>;

class MembersInvariants implements Invariants {
  readonly #world: World;
  readonly #factor: number;
  readonly #removals: boolean;
  /** Operations whose coordinator knew where all were in their lives. */
  readonly #informed = new Set<string>();
  /** Whether there were ever two on their way at once: such movements can miss each other's rows. */
  #hasOverlapped = false;
  #open: OperationRecord[] = [];
  #asked = 0;

  constructor(world: World, { removals = false } = {}) {
    this.#world = world;
    this.#removals = removals;
    this.#factor = (world.setup.knobs as { replicationFactor: number }).replicationFactor;
  }

  afterInput(world: World): void {
    while (this.#asked < world.operations.length) {
      const operation = world.operations[this.#asked++] as OperationRecord;
      this.#open.push(operation);
      if (this.#isInformed(operation.node)) this.#informed.add(operation.id);
      this.#hasOverlapped ||= this.#countOnTheirWay() > 1;
    }
    const done = this.#open.filter(({ returned }) => returned !== null);
    if (done.length === 0) return;
    for (const operation of done) if (operation.class === 'ok') this.#checkAnswer(operation);
    this.#open = this.#open.filter(({ returned }) => returned === null);
  }

  /**
   * Every tool has ended, all agree on the ring, replicas on what they have; and what was acknowledged at QUORUM, and all
   * increments, have not got lost on the way.
   */
  afterRecovery(world: World): void {
    for (const { kind, id, returned } of world.operations) {
      if (returned === null) throw new Violation('operations end', `${kind} ${id}`);
    }
    for (const node of world.setup.nodes) {
      const { rows } = diskOf(world, node);
      for (const key of keysOf(rows)) checkAsked(world, key, rows[key] ?? {});
    }
    const ring = this.#agreedRing();
    if (!this.#hasOverlapped) this.#checkWritesStay(ring);
    if (this.#removals) return;
    for (const key of new Set(dataOperations(world.operations).map((operation) => operation.key))) {
      checkAgreement(world, key, placement(key, ring, this.#factor));
    }
    if (!this.#hasOverlapped) checkCounter(world, placement('likes', ring, 1)[0] ?? '');
  }

  /**
   * Coordinators that know the ring ask quorums of it that overlap: what was acknowledged is read. What was not, a read
   * may have seen before its replica handed over to one that lacks it. Paxos is handed over with the rows.
   */
  #checkAnswer(operation: OperationRecord): void {
    const { key, kind, id } = operation;
    if (this.#removals || this.#hasOverlapped) return;
    if (key.startsWith('seat')) checkSeat(this.#world, operation);
    if (key !== 'title' || kind !== 'read' || !this.#informed.has(id)) return;
    const writes = this.#world.operations.filter((other) => other.kind === 'write');
    checkOrder(
      operation,
      writes.filter((write) => this.#informed.has(write.id)),
    );
  }

  #checkWritesStay(ring: readonly NodeId[]): void {
    const owners = placement('title', ring, this.#factor);
    const rows = owners.map((owner) => diskOf(this.#world, owner).rows['title'] ?? {});
    const writes = this.#world.operations.filter(({ key, kind }) => key === 'title' && kind === 'write');
    for (const write of writes.filter(({ class: outcome }) => outcome === 'ok')) {
      if (!rows.some((row) => hasSince(row, timestampOf(write)))) {
        throw new Violation('acknowledged writes stay', `${write.id} wrote ${String(write.value)}`);
      }
    }
  }

  /** The ring, on which all agree that are on it or on their way. */
  #agreedRing(): readonly NodeId[] {
    const states = this.#world.setup.nodes.map((node) => this.#stateOf(node));
    const members = states.filter(
      (state) => !['REMOVING', 'LEFT', null].includes(statusOf(state, state.self)),
    );
    const views = members.map((state) => canonical(state.nodes.map((node) => statusOf(state, node))));
    if (new Set(views).size > 1) throw new Violation('all agree on the ring', views.join(' '));
    const [first] = members;
    const isOn = (node: NodeId): boolean =>
      first !== undefined && ['NORMAL', 'LEAVING', 'REMOVING'].includes(statusOf(first, node) ?? '');
    return this.#world.setup.nodes.filter(isOn);
  }

  #countOnTheirWay(): number {
    return this.#world.setup.nodes.filter((node) =>
      ['JOINING', 'LEAVING'].includes(statusOf(this.#stateOf(node), node) ?? ''),
    ).length;
  }

  #isInformed(node: NodeId): boolean {
    const coordinator = this.#stateOf(node);
    return this.#world.setup.nodes.every(
      (other) => statusOf(coordinator, other) === statusOf(this.#stateOf(other), other),
    );
  }

  /** Of a node that is down what its disk tells. */
  #stateOf(self: NodeId): Known {
    const { nodes } = this.#world.setup;
    const { up, replica, durable } = this.#world.node(self);
    if (up) return replica as CassandraState;
    return { self, nodes, members: nodes.slice(0, -SPARES), durable: durable as Durable };
  }
}
