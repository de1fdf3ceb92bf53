import { keysOf } from '../../shared/base/table.ts';
import { REFUSALS } from '../../shared/protocols/ownership/redis/serve.ts';
import type { RedisKnobs, RedisState } from '../../shared/protocols/ownership/redis/types.ts';
import type { NodeId, OperationRecord, OperationRequest } from '../../shared/sim/operation.ts';
import type { Protocol } from '../../shared/sim/protocol.ts';
import type { World } from '../../shared/sim/world.ts';
import { redisCluster } from '../../shared/systems/redis-cluster.ts';
import { resolveKnobs } from '../../shared/systems/system.ts';
import { COMMON_FAULTS } from './fuzz-faults.ts';
import type { FuzzSubject } from './fuzz.ts';
import { ownsAsReplica, RedisInvariants, RedisMembersInvariants } from './redis-invariants.ts';

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
    excuses: isUnservedInRedisToo,
    operation(random, count) {
      if (random % 16 > 0) return subject.operation(random >>> 4, count);
      const slot = (random >>> 6) % 12;
      const fix = (random >>> 4) % 3 === 0;
      return { kind: 'reshard', key: `k${slot}`, to: `n${(slot % 3) + 1}`, options: { fix } };
    },
  };
}

/**
 * The same while machines join and leave, too, and whole masters are emptied for it. Two nodes are spare at first; when
 * all has come to rest, an administrator has what is open or nobody's fixed.
 */
export function redisMembersFuzz(
  knobs: Partial<RedisKnobs> = {},
  protocol: Protocol = redisCluster.protocol,
): FuzzSubject {
  const subject = redisFuzz(knobs, protocol);
  return {
    ...subject,
    sizes: [8],
    spares: 2,
    // A MIGRATE that a cut has hit holds a master up for a minute, and a tool waits for longer and longer.
    recoveryFor: 130_000,
    mend: { operation: { kind: 'reshard', key: 'k0', to: 'n1', options: { fix: true } }, within: 5000 },
    excuses: isUnservedInRedisToo,
    invariants: () => new RedisMembersInvariants(),
    operation(random, count) {
      if (random % 4 > 0) return subject.operation(random >>> 4, count);
      return administration(random >>> 2);
    },
  };
}

/**
 * Jedis goes on asking a node that was reset while the cluster had no news for it: CLUSTERDOWN is no redirection. And a
 * replica to which a fix gave slots refuses writes to them.
 */
function isUnservedInRedisToo(world: World, { error }: OperationRecord): boolean {
  const { nodes } = world.setup;
  if (error === REFUSALS.unassigned) return nodes.some((node) => world.view(node).role === 'spare');
  return error === REFUSALS.replica && nodes.some((node) => ownsAsReplica(stateOf(world, node)));
}

function administration(random: number): OperationRequest {
  const node = `n${((random >>> 4) % 8) + 1}`;
  const key = `k${(random >>> 8) % 12}`;
  switch (random % 8) {
    case 0:
      return { kind: 'join', key: node };
    case 1:
      return { kind: 'join', key: node, options: { as: 'replica' } };
    case 2:
    case 3:
      return { kind: 'leave', key: node };
    case 4:
      return { kind: 'reshard', key, to: node, options: { slots: 'all' } };
    case 5:
      return { kind: 'reshard', key, to: node, options: { fix: true } };
    default:
      return { kind: 'reshard', key, to: node };
  }
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

/** Writes to a key of their own that were acknowledged and are nowhere in the end. */
export function lostWrites(world: World): OperationRecord[] {
  const kept = new Set(world.setup.nodes.flatMap((id) => keysOf(stateOf(world, id).durable.data)));
  return world.operations.filter(
    ({ kind, key, class: outcome }) =>
      kind === 'write' && key.startsWith('once-') && outcome === 'ok' && !kept.has(key),
  );
}

function stateOf(world: World, node: NodeId): RedisState {
  return world.node(node).replica as RedisState;
}
