import type { OperationRequest } from '../../shared/sim/operation.ts';
import { resolveKnobs } from '../../shared/systems/system.ts';
import { zooKeeper } from '../../shared/systems/zookeeper.ts';
import { COMMON_FAULTS, MEMBER_FAULTS } from './fuzz-faults.ts';
import type { FuzzSubject } from './fuzz.ts';
import { ZabInvariants } from './zab-invariants.ts';

/** ZooKeeper under faults. Ticks are ten times quicker than by default, so that a run of seconds sees several leaders. */
export const zooKeeperFuzz: FuzzSubject = {
  protocol: zooKeeper.protocol,
  driver: zooKeeper.driver,
  knobs: resolveKnobs(zooKeeper, { tickTime: 200, sessionTimeout: 3000 }, 3),
  sizes: [3, 3, 5],
  faults: COMMON_FAULTS,
  faultsFor: 15_000,
  // Who was without a leader for long asks more and more rarely.
  recoveryFor: 35_000,
  answersWithin: 3000,
  operation: randomOperation,
  probe: (node) => ({ kind: 'write', key: 'probe', value: `by ${node}` }),
  invariants: (world) => new ZabInvariants(world),
};

/** Servers that come to vote and go. */
export const zooKeeperMembersFuzz: FuzzSubject = {
  ...zooKeeperFuzz,
  knobs: { ...zooKeeperFuzz.knobs, reconfigEnabled: true },
  sizes: [4, 5, 6],
  spares: 2,
  faults: MEMBER_FAULTS,
  // A server that does not vote hears of a leader when it asks again, after up to a minute.
  recoveryFor: 70_000,
};

function randomOperation(random: number, count: number): OperationRequest {
  const key = `k${random % 3}`;
  const value = `v${count}`;
  switch ((random >>> 4) % 16) {
    case 0:
    case 1:
    case 2:
    case 3:
      return { kind: 'read', key };
    case 4:
      return { kind: 'delete', key };
    case 5:
      return { kind: 'add', key: 'cart', value };
    case 6:
      return { kind: 'remove', key: 'cart', value: `v${count - 10}` };
    case 7:
      return { kind: 'create', key: `e${count}`, value, options: { ephemeral: true } };
    case 8:
      return { kind: 'sync', key };
    case 9:
      return { kind: 'watch', key };
    case 10:
      return { kind: 'lock', key: 'door' };
    case 11:
      return { kind: 'unlock', key: 'door' };
    case 12:
      return { kind: 'cas', key, value, expected: `v${count - 1}` };
    default:
      return { kind: 'write', key, value };
  }
}
