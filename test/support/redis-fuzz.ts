import { keysOf } from '../../shared/base/table.ts';
import {
  apartIn,
  ownerOf,
  rangeAt,
  singleOf,
  slotAlone,
} from '../../shared/protocols/ownership/redis/owners.ts';
import { rangesOwnedBy } from '../../shared/protocols/ownership/redis/turn.ts';
import type { RedisKnobs, RedisState } from '../../shared/protocols/ownership/redis/types.ts';
import type { NodeId, OperationRecord, OperationRequest } from '../../shared/sim/operation.ts';
import type { Protocol } from '../../shared/sim/protocol.ts';
import type { World } from '../../shared/sim/world.ts';
import { redisCluster } from '../../shared/systems/redis-cluster.ts';
import { resolveKnobs } from '../../shared/systems/system.ts';
import { COMMON_FAULTS } from './fuzz-faults.ts';
import { Violation, type FuzzSubject, type Invariants } from './fuzz.ts';

/** Redis Cluster under faults, with a short node timeout, so that a run of seconds sees several failovers. */
export function redisFuzz(
  knobs: Partial<RedisKnobs> = {},
  protocol: Protocol = redisCluster.protocol,
): FuzzSubject {
  return {
    protocol,
    driver: redisCluster.driver,
    knobs: resolveKnobs(redisCluster, { nodeTimeout: 1000, ...knobs }, 6),
    sizes: [5, 6],
    faults: COMMON_FAULTS.filter((fault) => fault !== 'jitter'),
    faultsFor: 20_000,
    // Clocks that jump back by ten seconds stop counting for as long.
    recoveryFor: 25_000,
    answersWithin: 12_000,
    operation,
    probe: (node) => ({ kind: 'write', key: `probe-${node}`, value: `by ${node}` }),
    invariants: () => new RedisInvariants(),
  };
}

/**
 * The same while slots are moved, and what was broken off is fixed now and then. A slot always goes to the same node:
 * two administrators who want it at different ones at a time can leave it nobody's, here as there.
 */
export function redisMoves(knobs: Partial<RedisKnobs> = {}): FuzzSubject {
  const subject = redisFuzz(knobs);
  return {
    ...subject,
    sizes: [6, 7],
    // A MIGRATE that a cut has hit holds a master up for a minute.
    recoveryFor: 75_000,
    operation(random, count) {
      if (random % 16 > 0) return subject.operation(random >>> 4, count);
      const slot = (random >>> 6) % 12;
      const fix = (random >>> 4) % 3 === 0;
      return { kind: 'reshard', key: `k${slot}`, to: `n${(slot % 3) + 1}`, options: { fix } };
    },
  };
}

/** Every written and added value is unique, so that each names its operation. */
function operation(random: number, count: number): OperationRequest {
  const key = `k${random % 12}`;
  switch ((random >>> 4) % 10) {
    case 0:
    case 1:
      return { kind: 'read', key };
    case 2:
      return { kind: 'read', key, options: { readonly: true } };
    case 3:
      return { kind: 'add', key: 'cart', value: `v${count}` };
    case 4:
      return { kind: 'increment', key: 'likes' };
    case 5:
      return {
        kind: 'write',
        key: `once-${count}`,
        value: `v${count}`,
        options: { wait: { replicas: 1, timeout: 200 } },
      };
    case 6:
    case 7:
      return { kind: 'write', key: `once-${count}`, value: `v${count}` };
    default:
      return { kind: 'write', key, value: `v${count}` };
  }
}

/**
 * What Redis Cluster promises: one owner of a range in an epoch, epochs that never go back, one vote an epoch,
 * and in the end one configuration and equal replicas. That acknowledged writes stay is not among it.
 */
class RedisInvariants implements Invariants {
  /** By range and config epoch: who owned it. */
  readonly #owners = new Map<string, NodeId>();
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
    if (self === undefined || self.master !== null) return;
    for (const range of rangesOwnedBy(state, id)) {
      // Who takes over a slot that was moved to it gives itself an epoch, which another may be elected in.
      if (slotAlone(range) !== null) continue;
      const claim = `${range} in ${self.configEpoch}`;
      const other = this.#owners.get(claim) ?? id;
      if (other !== id) throw new Violation('one owner in an epoch', `${claim}: ${other} and ${id}`);
      this.#owners.set(claim, id);
    }
  }

  afterRecovery(world: World): void {
    const states = world.setup.nodes.map((id) => world.node(id).replica as RedisState);
    // A node that imports a slot believes nobody about it until the tool has ended that.
    const open = new Set(states.flatMap(({ durable }) => keysOf(durable.importing ?? {}).map(Number)));
    const all = new Set(states.flatMap(({ durable }) => apartIn(durable)));
    const owners = states.map(({ durable }) => {
      const apart = [...all].filter((slot) => !open.has(singleOf(slot)));
      return [...durable.owners, ...apart.map((slot) => ownerOf(durable, rangeAt(durable, slot)))].join();
    });
    if (new Set(owners).size > 1) throw new Violation('all agree on the owners', owners.join(' | '));
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

/** Writes to a key of their own that were acknowledged and are nowhere in the end. */
export function lostWrites(world: World): OperationRecord[] {
  const kept = new Set(
    world.setup.nodes.flatMap((id) => keysOf((world.node(id).replica as RedisState).durable.data)),
  );
  return world.operations.filter(
    ({ kind, key, class: outcome }) =>
      kind === 'write' && key.startsWith('once-') && outcome === 'ok' && !kept.has(key),
  );
}
