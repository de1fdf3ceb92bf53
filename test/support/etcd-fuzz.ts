import type { OperationRequest } from '../../shared/sim/operation.ts';
import { etcd } from '../../shared/systems/etcd.ts';
import { resolveKnobs } from '../../shared/systems/system.ts';
import { COMMON_FAULTS, MEMBER_FAULTS } from './fuzz-faults.ts';
import type { FuzzSubject } from './fuzz.ts';
import { RaftInvariants } from './raft-invariants.ts';

/** etcd under faults. Elections are quicker than by default, so that a run of seconds sees several. */
export const etcdFuzz: FuzzSubject = {
  protocol: etcd.protocol,
  driver: etcd.driver,
  knobs: resolveKnobs(etcd, { heartbeatMs: 100, electionMs: 500, deadlineMs: 7000 }, 3),
  sizes: [3, 3, 5],
  faults: COMMON_FAULTS,
  faultsFor: 15_000,
  recoveryFor: 5000,
  answersWithin: 2000,
  operation: randomOperation,
  probe: (node) => ({ kind: 'write', key: 'probe', value: `by ${node}` }),
  invariants: () => new RaftInvariants(),
};

/** Raft does not need its links to keep the order of messages. */
export const etcdDatagramFuzz: FuzzSubject = {
  ...etcdFuzz,
  protocol: { ...etcd.protocol, channel: 'datagram' },
};

/** Members that come and go, one after the other, whether that is wise or not: only then do many changes happen. */
export const etcdMembersFuzz: FuzzSubject = {
  ...etcdFuzz,
  knobs: { ...etcdFuzz.knobs, strictReconfigCheck: false },
  sizes: [4, 5, 6],
  spares: 2,
  faults: MEMBER_FAULTS,
  faultsFor: 20_000,
};

function randomOperation(random: number, count: number): OperationRequest {
  const key = `k${random % 3}`;
  const value = `v${count}`;
  switch ((random >>> 4) % 10) {
    case 0:
    case 1:
      return { kind: 'read', key };
    case 2:
      return { kind: 'read', key, options: { consistency: 'serializable' } };
    case 3:
      return { kind: 'delete', key };
    case 4:
      return { kind: 'add', key: 'cart', value };
    case 5:
      return { kind: 'remove', key: 'cart', value: `v${count - 10}` };
    default:
      return { kind: 'write', key, value };
  }
}
