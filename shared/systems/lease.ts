import { LEASE_ERRORS, leaseDriver } from '../protocols/lease/driver.ts';
import { leaseService, placesOf } from '../protocols/lease/lease.ts';
import { STORE_ERRORS } from '../protocols/store-words.ts';
import type { NodeId } from '../sim/operation.ts';
import type { SideMember, SideStatus, System } from './system.ts';

const SOURCE = 'Kleppmann, "How to do distributed locking", 2016';

/** A lock that is a lease, and a resource that checks its token, or does not. */
export const lease: System = {
  id: 'lease',
  title: 'Textbook: lease with fencing token',
  summary:
    'A lock ends by the clock of the lock service, so a holder that slept may meet its successor. The resource refuses a token older than one it has seen; switch that off, and the sleeper writes over what came after it.',
  label: 'CP',
  pacelc: 'PC/EC: one node decides on locks and one on the resource.',
  protocol: leaseService,
  driver: leaseDriver,
  hasLeader: false,
  knobs: [
    {
      kind: 'integer',
      name: 'leaseMs',
      text: 'How long a lock is its holder’s without a word from it.',
      source: `${SOURCE}: names no time; etcd grants leases of seconds`,
      default: 10_000,
      min: 100,
      max: 600_000,
      unit: 'ms',
    },
    {
      kind: 'boolean',
      name: 'checkTokens',
      text: 'Whether the resource refuses a token older than one it has seen.',
      source: `${SOURCE}: "Making the lock safe with fencing"`,
      default: true,
    },
  ],
  kinds: ['read', 'write', 'delete', 'add', 'remove', 'cas', 'increment', 'append', 'lock', 'unlock'],
  options: [],
  errors: [
    {
      error: LEASE_ERRORS.stale(33, 34),
      when: 'The writer’s lease has run out, and its successor has used the resource.',
      class: 'fail',
    },
    { error: LEASE_ERRORS.notHeld, when: 'An unlock by a client that has no such lock.', class: 'fail' },
    {
      error: LEASE_ERRORS.noAnswer,
      when: 'The lock service or the resource has not answered. A read has then certainly failed.',
      class: 'info',
    },
    { error: STORE_ERRORS['wrong type'], when: 'An increment of a set, say.', class: 'fail' },
    {
      error: STORE_ERRORS['not an integer'],
      when: 'An increment of what is no whole number.',
      class: 'fail',
    },
    { error: leaseDriver.refused, when: 'The node is down.', class: 'fail' },
    { error: leaseDriver.interrupted, when: 'The node crashed before it had answered.', class: 'info' },
  ],
  refuseKnobs: () => null,
  judge,
};

function judge(members: readonly SideMember[], nodes: readonly NodeId[]): SideStatus {
  const { service, resource } = placesOf(nodes);
  const has = (node: NodeId) => members.some((member) => member.node === node);
  if (has(service) && has(resource))
    return { state: 'serving', leader: service, text: 'Locks are given and the resource is here.' };
  if (has(resource))
    return { state: 'partly', leader: null, text: 'The resource is here; locks are not to be had.' };
  if (has(service))
    return { state: 'partly', leader: service, text: 'Locks are given; the resource is out of reach.' };
  return { state: 'down', leader: null, text: 'Neither locks nor the resource are here.' };
}
