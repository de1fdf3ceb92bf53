import { keysOf, lookUp, type Table } from '../../shared/base/table.ts';
import {
  apartIn,
  ownerOf,
  ownersIn,
  rangeAt,
  singleOf,
  slotAlone,
} from '../../shared/protocols/ownership/redis/owners.ts';
import { slotOf } from '../../shared/protocols/ownership/redis/slots.ts';
import { rangesOwnedBy } from '../../shared/protocols/ownership/redis/turn.ts';
import type { RedisState } from '../../shared/protocols/ownership/redis/types.ts';
import type { NodeId } from '../../shared/sim/operation.ts';
import type { World } from '../../shared/sim/world.ts';
import { Violation, type Invariants } from './fuzz.ts';

/**
 * What Redis Cluster promises: one owner of a range in an epoch, epochs that never go back, one vote an epoch,
 * and in the end one configuration and equal replicas. That acknowledged writes stay is not among it.
 */
export class RedisInvariants implements Invariants {
  /** By range and config epoch: who owned it. */
  readonly #owners = new Map<string, NodeId>();
  /** Ranges that some node moves, takes or finds to be nobody's, now or before. */
  readonly #moved = new Set<number>();
  /** By node: what it was importing. */
  readonly #importing = new Map<NodeId, readonly string[]>();
  /** Who was a replica once: as a master it may have keys that its slots' former owner had given away. */
  protected readonly heirs = new Set<NodeId>();
  readonly #epochs = new Map<NodeId, number>();
  readonly #votes = new Map<NodeId, number>();

  afterInput(world: World, id: NodeId): void {
    const node = world.node(id);
    if (!node.up) return;
    const state = node.replica as RedisState;
    const { currentEpoch, lastVoteEpoch, members } = state.durable;
    if (currentEpoch < (this.#epochs.get(id) ?? 0)) throw new Violation('epochs never go back', id);
    if (lastVoteEpoch < (this.#votes.get(id) ?? 0)) throw new Violation('votes never go back', id);
    this.#epochs.set(id, currentEpoch);
    this.#votes.set(id, lastVoteEpoch);
    const self = members[id];
    checkMigration(state);
    this.#checkTaken(state);
    this.#noteMoved(state);
    if (self === undefined) return;
    if (self.master !== null) {
      this.heirs.add(id);
      return;
    }
    for (const range of rangesOwnedBy(state, id)) {
      // Who takes over what was moved to it gives itself an epoch, which another may be elected in.
      if (slotAlone(range) !== null || this.#moved.has(range)) continue;
      const claim = `${range} in ${self.configEpoch}`;
      const other = this.#owners.get(claim) ?? id;
      if (other !== id) throw new Violation('one owner in an epoch', `${claim}: ${other} and ${id}`);
      this.#owners.set(claim, id);
    }
  }

  /** Who ends an import as the owner claims it with an epoch that nobody it knows exceeds: else the former owner wins. */
  #checkTaken({ self, durable }: RedisState): void {
    const epochOf = (node: NodeId): number => durable.members[node]?.configEpoch ?? 0;
    const own = epochOf(self);
    for (const range of this.#importing.get(self) ?? []) {
      if (ownerOf(durable, Number(range)) !== self) continue;
      const greatest = Math.max(...keysOf(durable.members).map(epochOf));
      if (own < greatest)
        throw new Violation('who takes a slot has the greatest epoch', `${self} in ${own} of ${greatest}`);
    }
    this.#importing.set(self, keysOf(durable.importing ?? {}));
  }

  #noteMoved({ durable }: RedisState): void {
    const { isMember, importing = {}, migrating = {} } = durable;
    for (const range of keysOf({ ...importing, ...migrating })) this.#moved.add(Number(range));
    if (!isMember) return;
    for (const [range, owner] of durable.owners.entries()) if (owner === null) this.#moved.add(range);
  }

  afterRecovery(world: World): void {
    const states = membersOf(world);
    for (const cluster of clustersOf(states)) if (!cluster.some(ownsAsReplica)) checkOwners(cluster);
    for (const state of states) {
      const master = state.durable.members[state.self]?.master ?? null;
      if (master === null) continue;
      const leader = states.find(({ self }) => self === master);
      const [mine, its] = [state, leader].map((side) => JSON.stringify(sorted(side?.durable.data ?? {})));
      if (mine !== its) throw new Violation('replicas agree', `${state.self} has ${mine}, ${master} ${its}`);
    }
  }
}

function sorted(data: object): unknown[] {
  return keysOf(data).map((key) => [key, (data as { [key: string]: unknown })[key]]);
}

/**
 * Where machines come and go as well, and all was fixed: no slot is open or nobody's, masters have epochs of their own,
 * and every key is where its slot's owner is, failovers and forgotten sources apart. What a fix has refused to decide may
 * be as it is.
 */
export class RedisMembersInvariants extends RedisInvariants {
  /** By node: from whom it imports which ranges. */
  readonly #sources = new Map<NodeId, Readonly<Table<NodeId>>>();
  /**
   * Node and range: an import that ended because its source was forgotten (clusterDelNode). The keys that had come stay,
   * and no fix looks for them, until the node starts again and opens the slot.
   */
  readonly #orphaned = new Set<string>();

  override afterInput(world: World, id: NodeId): void {
    super.afterInput(world, id);
    const { durable } = world.node(id).replica as RedisState;
    const before = this.#sources.get(id) ?? {};
    for (const range of keysOf(before)) {
      const isClosed = lookUp(durable.importing ?? {}, range) === undefined;
      if (isClosed && !((before[range] ?? id) in durable.members)) this.#orphaned.add(`${id} ${range}`);
    }
    this.#sources.set(id, { ...durable.importing });
  }

  override afterRecovery(world: World): void {
    super.afterRecovery(world);
    const fix = world.operations.findLast(
      ({ kind, options }) => kind === 'reshard' && options?.['fix'] === true,
    );
    if (fix?.class !== 'ok') {
      if (/^(\*\*\* Found|\[ERR] Sorry)/.test(fix?.error ?? '')) return;
      throw new Violation('what is broken can be fixed', fix?.error ?? 'the tool is at work still');
    }
    const clusters = clustersOf(membersOf(world));
    const fixed = clusters.find((cluster) => cluster.some(({ self }) => self === fix.node)) ?? [];
    // Who was left alone kept what it had, when that was too much for a reset.
    if (fixed.length > 1) checkMasters(fixed, (state, key) => this.#mayKeep(state, key));
  }

  #mayKeep({ self, durable }: RedisState, key: string): boolean {
    return this.heirs.has(self) || this.#orphaned.has(`${self} ${rangeAt(durable, slotOf(key))}`);
  }
}

/** Whether a master may have a key whose slot is another's, though all was fixed. */
type MayKeep = (state: RedisState, key: string) => boolean;

function checkMasters(cluster: readonly RedisState[], mayKeep: MayKeep): void {
  const masters = cluster.filter(({ self, durable }) => durable.members[self]?.master === null);
  const epochs = new Set(masters.map(({ self, durable }) => durable.members[self]?.configEpoch));
  if (epochs.size < masters.length)
    throw new Violation('masters have epochs of their own', [...epochs].join());
  for (const state of masters) {
    const { self, durable } = state;
    const { migrating = {}, importing = {}, data } = durable;
    if (keysOf({ ...migrating, ...importing }).length > 0) throw new Violation('no slot is open', self);
    if (ownersIn(durable).includes(null)) throw new Violation('every slot is somebody’s', self);
    const strays = keysOf(data).filter((key) => ownerOf(durable, rangeAt(durable, slotOf(key))) !== self);
    const stray = strays.find((key) => !mayKeep(state, key));
    if (stray !== undefined) throw new Violation('keys are where their slot is', `${self} has ${stray}`);
  }
}

/** The source of MIGRATE has the keys until the target has answered. */
function checkMigration({ self, durable, migration }: RedisState): void {
  const gone = migration?.restore.entries.find(([key]) => !(key in durable.data));
  if (gone !== undefined)
    throw new Violation('keys on their way are not lost', `${self} has no ${gone[0]} any more`);
}

/**
 * A fix gave the node slots with ADDSLOTS after a failover or a reshard had made it a replica. Redis does not refuse
 * that. A replica tells its master's slots and not its own: only who claims the slot hears of it, by an UPDATE.
 * It refuses writes; DELSLOTS there by hand and another fix end that.
 */
export function ownsAsReplica(state: RedisState): boolean {
  const { self, durable } = state;
  return durable.members[self]?.master !== null && rangesOwnedBy(state, self).length > 0;
}

/** All who know each other agree on who has which slots. */
function checkOwners(states: readonly RedisState[]): void {
  // A node that imports a slot believes nobody about it until the tool has ended that.
  const open = new Set(states.flatMap(({ durable }) => keysOf(durable.importing ?? {}).map(Number)));
  const all = new Set(states.flatMap(({ durable }) => apartIn(durable)));
  const owners = states.map(({ durable }) => {
    const apart = [...all].filter((slot) => !open.has(singleOf(slot)));
    return [...durable.owners, ...apart.map((slot) => ownerOf(durable, rangeAt(durable, slot)))].join();
  });
  if (new Set(owners).size > 1) throw new Violation('all agree on the owners', owners.join(' | '));
}

/**
 * The nodes that know each other, together: a node that all were told to forget is alone, whomever it knows itself, and
 * one that left may be met by others and make a new cluster with them.
 */
function clustersOf(states: readonly RedisState[]): RedisState[][] {
  const clusters: RedisState[][] = [];
  for (const state of states) {
    const { self, durable } = state;
    const fellow = clusters.find((cluster) =>
      cluster.some((other) => other.self in durable.members && self in other.durable.members),
    );
    if (fellow === undefined) clusters.push([state]);
    else fellow.push(state);
  }
  return clusters;
}

/** The nodes that belong to the cluster. */
function membersOf(world: World): RedisState[] {
  const members = world.setup.nodes.filter((id) => world.view(id).role !== 'spare');
  return members.map((id) => world.node(id).replica as RedisState);
}
