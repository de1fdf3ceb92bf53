import { keysOf } from '../../shared/base/table.ts';
import { descends } from '../../shared/data/vector-clock.ts';
import {
  type Cluster,
  describeLayout,
  isSameLayout,
  preferenceList,
} from '../../shared/protocols/quorum/voldemort/cluster.ts';
import type { ClientState } from '../../shared/protocols/quorum/voldemort/client.ts';
import {
  clusterOf,
  foundersOf,
  isMember,
  isRebalancing,
} from '../../shared/protocols/quorum/voldemort/metadata.ts';
import type { VoldemortState } from '../../shared/protocols/quorum/voldemort/types.ts';
import {
  isAdministration,
  isMembershipChange,
  type NodeId,
  type OperationRecord,
  type OperationRequest,
} from '../../shared/sim/operation.ts';
import type { Protocol } from '../../shared/sim/protocol.ts';
import type { World } from '../../shared/sim/world.ts';
import { voldemort } from '../../shared/systems/voldemort.ts';
import type { FaultKind } from './fuzz-faults.ts';
import { type FuzzSubject, type Invariants, Violation } from './fuzz.ts';
import { checkVersions, clockOf, diskOf, isAcknowledged, voldemortFuzz } from './voldemort-fuzz.ts';

/** What Voldemort may do with what was acknowledged while members come and go, counted run by run. */
export type Unread = Map<'runs' | 'runs that were judged' | 'an acknowledged write that is not read', number>;

/** All servers must answer for half a minute, or nothing moves: to resume what is not paused is no fault. */
const nothing = Array<FaultKind>(150).fill('resume');
const repairs = [...Array<FaultKind>(24).fill('heal'), ...Array<FaultKind>(16).fill('restart')];
/** An administrator begins something every so many operations, and puts right what has failed shortly before. */
const CYCLE = 340;

/** Voldemort's nodes that join and leave while much is broken, one administrator after the other. */
export function voldemortMembersFuzz(
  knobs: object = {},
  protocol: Protocol = voldemort.protocol,
  unread: Unread = new Map(),
): FuzzSubject {
  const subject = voldemortFuzz(knobs, protocol);
  return {
    ...subject,
    sizes: [6, 7],
    spares: 2,
    faults: [...subject.faults, ...nothing, ...repairs],
    faultsFor: 270_000,
    // More than what a tool waits for a machine that is silent, a few times.
    recoveryFor: 250_000,
    operation: (random, count) =>
      administration(random, count) ?? onTitles(random, count) ?? subject.operation(random, count),
    mend: {
      operation: { kind: 'join', key: 'n1', options: { command: 'clear-rebalance' } },
      within: 8000,
    },
    invariants: (world) => new MembersInvariants(world, unread),
  };
}

function administration(random: number, count: number): OperationRequest | undefined {
  const kind = (random >>> 4) % 2 === 0 ? 'join' : 'leave';
  const key = kind === 'join' ? `n${5 + ((random >>> 8) % 3)}` : `n${1 + ((random >>> 8) % 7)}`;
  if (count % CYCLE === CYCLE - 10) return { kind, key, options: { command: 'clear-rebalance' } };
  if (count % CYCLE !== 100) return undefined;
  const options = {
    proxyPause: 5,
    batchSize: (random >>> 12) % 3 === 0 ? 4 : 'all',
    repairJob: (random >>> 16) % 3 === 0,
  };
  return { kind, key, options };
}

/** Keys in many partitions that are seldom written: so they are moved as they are. */
function onTitles(random: number, count: number): OperationRequest | undefined {
  const key = `title${(random >>> 12) % 16}`;
  if ((random >>> 3) % 16 === 0) return { kind: 'write', key, value: `v${count}` };
  return (random >>> 3) % 16 === 1 ? { kind: 'read', key } : undefined;
}

class MembersInvariants implements Invariants {
  readonly #world: World;
  readonly #unread: Unread;
  readonly #knobs: { readonly n: number; readonly requiredReads: number; readonly requiredWrites: number };
  readonly #checked = new WeakSet<object>();
  /** Acknowledged writes that once all owners had, and those since which nobody was to move anything. */
  readonly #settled = new Set<string>();
  readonly #sinceLast = new Set<string>();
  readonly #values = new Set<string>();
  #open: OperationRecord[] = [];
  #asked = 0;
  /** Whether two administrators ever worked at once: who changes what the other changes promises nothing. */
  #hasOverlapped = false;
  #isChanging = false;

  constructor(world: World, unread: Unread) {
    this.#world = world;
    this.#unread = unread;
    this.#knobs = world.setup.knobs as { n: number; requiredReads: number; requiredWrites: number };
  }

  afterInput(world: World, node: NodeId): void {
    while (this.#asked < world.operations.length)
      this.#begin(world.operations[this.#asked++] as OperationRecord);
    if (this.#isChanging || this.#open.some(({ kind }) => isAdministration(kind))) this.#lookAtTools();
    const done = this.#open.filter(({ returned }) => returned !== null);
    if (done.length === 0) return;
    const { data } = diskOf(world, node);
    for (const key of keysOf(data)) {
      const versions = data[key] ?? [];
      if (!this.#checked.has(versions))
        checkVersions(`${node} ${key}`, versions, (item) => this.#values.has(`${key} ${String(item)}`));
      this.#checked.add(versions);
    }
    for (const operation of done) if (isKept(operation)) this.#checkCopies(operation);
    this.#open = this.#open.filter(({ returned }) => returned === null);
  }

  /**
   * All servers have one cluster.xml and nothing to fetch, no slops are left; what was acknowledged and all owners once
   * had, all owners have, and what was acknowledged since the last movement, as many as required: reads see both.
   */
  afterRecovery(world: World): void {
    const servers = world.setup.nodes.map((node) => this.#stateOf(node)).filter(isMember);
    const layouts = new Set(servers.map((state) => describeLayout(clusterOf(state) as Cluster)));
    if (layouts.size !== 1) throw new Violation('one cluster.xml', [...layouts].join(' | '));
    const listed = clusterOf(servers[0] as VoldemortState)?.nodes ?? [];
    if (listed.join() !== servers.map(({ self }) => self).join())
      throw new Violation('who is in cluster.xml is a server', listed.join(' '));
    for (const state of servers) {
      if (isRebalancing(state)) throw new Violation('all was fetched', state.self);
      const { slops } = state.durable;
      if (keysOf(slops).length > 0) throw new Violation('slops go home', `${state.self} has some`);
    }
    this.#count('runs');
    if (this.#hasOverlapped) return;
    this.#count('runs that were judged');
    for (const operation of world.operations.filter(isKept)) this.#checkStays(operation);
  }

  #begin(operation: OperationRecord): void {
    this.#open.push(operation);
    this.#values.add(`${operation.key} ${String(operation.value)}`);
    if (!isMembershipChange(operation.kind)) {
      if (this.#agreed() !== null) this.#sinceLast.add(operation.id);
      return;
    }
    const cluster = this.#agreed();
    this.#sinceLast.clear();
    // What is under way may all go back, without what was written to the new owners meanwhile.
    if (cluster === null || this.#isChanging) return;
    for (const write of this.#world.operations.filter(isKept)) {
      if (this.#ownersWith(write, cluster).length === this.#knobs.n) this.#settled.add(write.id);
    }
  }

  #lookAtTools(): void {
    const jobs = this.#world.setup.nodes.flatMap((node) => {
      const { up, driver } = this.#world.node(node);
      return up ? Object.values((driver as ClientState).jobs ?? {}) : [];
    });
    const changing = jobs.filter(({ step }) => step !== 'bootstrap' && step !== 'check').length;
    this.#hasOverlapped ||= changing > 1;
    this.#isChanging = changing > 0;
    if (this.#isChanging) this.#sinceLast.clear();
  }

  /** When a write is acknowledged, as many servers as required have it or a version that has seen it. */
  #checkCopies(operation: OperationRecord): void {
    const copies = this.#holders(operation).length;
    if (copies < this.#knobs.requiredWrites) {
      throw new Violation('required writes', `${operation.id} was acknowledged with ${copies}`);
    }
  }

  #checkStays(write: OperationRecord): void {
    const cluster = this.#agreed();
    const owners = cluster === null ? 0 : this.#ownersWith(write, cluster).length;
    const { n, requiredReads, requiredWrites } = this.#knobs;
    if (this.#settled.has(write.id) && owners < n)
      throw new Violation('what all owners had, all have', `${write.id} at ${write.key}: ${owners}`);
    if (this.#sinceLast.has(write.id) && owners < requiredWrites)
      throw new Violation(
        'required owners keep what was acknowledged',
        `${write.id} at ${write.key}: ${owners}`,
      );
    if (owners + requiredReads <= n) this.#count('an acknowledged write that is not read');
  }

  /** The cluster.xml that all servers have; null while they do not agree, or have something to fetch. */
  #agreed(): Cluster | null {
    const servers = this.#world.setup.nodes.map((node) => this.#stateOf(node)).filter(isMember);
    const clusters = servers.flatMap((state) => clusterOf(state) ?? []);
    const [first] = clusters;
    if (first === undefined || servers.some(isRebalancing)) return null;
    return clusters.every((one) => isSameLayout(one, first)) ? first : null;
  }

  #ownersWith(write: OperationRecord, cluster: Cluster): NodeId[] {
    const founders = foundersOf(this.#stateOf('n1'));
    const owners = preferenceList(cluster, founders, write.key, this.#knobs.n);
    return this.#holders(write).filter((node) => owners.includes(node));
  }

  #holders(write: OperationRecord): NodeId[] {
    const clock = clockOf(write);
    return this.#world.setup.nodes.filter((node) =>
      (diskOf(this.#world, node).data[write.key] ?? []).some((version) => descends(version.clock, clock)),
    );
  }

  /** Of a node that is down what its disk tells. */
  #stateOf(self: NodeId): VoldemortState {
    const { replica, up } = this.#world.node(self);
    if (up) return replica as VoldemortState;
    const { nodes, spares = [] } = this.#world.setup;
    const members = nodes.filter((node) => !spares.includes(node));
    const knobs = this.#world.setup.knobs as VoldemortState['knobs'];
    return { self, nodes, members, knobs, durable: diskOf(this.#world, self), pushing: false };
  }

  #count(what: Unread extends Map<infer K, number> ? K : never): void {
    this.#unread.set(what, (this.#unread.get(what) ?? 0) + 1);
  }
}

/** Drafts are deleted, and come back: nothing is claimed of them. */
function isKept(operation: OperationRecord): boolean {
  return isAcknowledged(operation) && operation.key !== 'draft';
}
