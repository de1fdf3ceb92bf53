import { canonical } from '../../shared/base/json.ts';
import { keysOf } from '../../shared/base/table.ts';
import { statusOf } from '../../shared/protocols/quorum/cassandra/statuses.ts';
import type { CassandraState, Durable } from '../../shared/protocols/quorum/cassandra/types.ts';
import { placement } from '../../shared/protocols/quorum/ring.ts';
import { dataOperations, type NodeId, type OperationRecord } from '../../shared/sim/operation.ts';
import type { Protocol } from '../../shared/sim/protocol.ts';
import type { World } from '../../shared/sim/world.ts';
import { cassandra } from '../../shared/systems/cassandra.ts';
import { cassandraFuzz, diskOf, hasSince, timestampOf } from './cassandra-fuzz.ts';
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
    const ring = this.#agreedRing();
    if (!this.#hasOverlapped) this.#checkWritesStay(ring);
    if (this.#removals) return;
    for (const key of new Set(dataOperations(world.operations).map((operation) => operation.key))) {
      const owners = placement(key, ring, this.#factor);
      const rows = owners.map((owner) => canonical(diskOf(world, owner).rows[key] ?? {}));
      if (new Set(rows).size > 1) {
        throw new Violation(
          'replicas agree after a repair',
          `${key} at ${owners.join(' ')}: ${rows.join(' ')}`,
        );
      }
    }
    if (!this.#hasOverlapped) this.#checkCounter(ring);
  }

  #checkAnswer(operation: OperationRecord): void {
    if (operation.key.startsWith('seat')) this.#checkSeat(operation);
    const isRead = operation.key === 'title' && operation.kind === 'read';
    if (isRead && !this.#removals && !this.#hasOverlapped) this.#checkQuorumOrder(operation);
  }

  /** Where coordinators know the ring, a QUORUM read sees what QUORUM writes and reads had seen before it began. */
  #checkQuorumOrder(read: OperationRecord): void {
    if (!this.#informed.has(read.id)) return;
    const earlier = this.#world.operations.filter(
      ({ id, key, class: outcome, returned }) =>
        this.#informed.has(id) &&
        key === 'title' &&
        outcome === 'ok' &&
        returned !== null &&
        returned < read.invoked,
    );
    const seen = Math.max(0, ...earlier.map(timestampOf));
    if (timestampOf(read) < seen) {
      throw new Violation('quorums overlap', `${read.id} at ${read.node} reads what is older than ${seen}`);
    }
  }

  /** A seat is given away once, and whoever asks in order is told to whom. */
  #checkSeat({ key, id }: OperationRecord): void {
    const told = new Set(
      this.#world.operations
        .filter((operation) => operation.key === key && operation.class === 'ok')
        .map(({ kind, value, result }) =>
          kind === 'write' && result?.applied === true ? value : result?.value,
        )
        .filter((value) => value !== null && value !== undefined),
    );
    if (told.size > 1)
      throw new Violation('a seat is given away once', `${key}, told ${id}: ${[...told].join(' ')}`);
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

  #checkCounter(ring: readonly NodeId[]): void {
    const likes = this.#world.operations.filter(({ kind }) => kind === 'increment');
    const [owner = ''] = placement('likes', ring, 1);
    const shards = diskOf(this.#world, owner).rows['likes'] ?? {};
    const total = keysOf(shards).reduce((sum, name) => sum + Number(shards[name]?.value), 0);
    const certain = likes.filter(({ class: outcome }) => outcome === 'ok').length;
    const possible = likes.filter(({ class: outcome }) => outcome !== 'fail').length;
    if (total < certain || total > possible) {
      throw new Violation(
        'a counter loses nothing',
        `${total}, acknowledged ${certain}, possible ${possible}`,
      );
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
