import type { OperationRequest, Options } from '../../shared/sim/operation.ts';
import { mongodb } from '../../shared/systems/mongodb.ts';
import { resolveKnobs } from '../../shared/systems/system.ts';
import { COMMON_FAULTS, MEMBER_FAULTS } from './fuzz-faults.ts';
import type { FuzzSubject } from './fuzz.ts';
import { MongoInvariants } from './mongodb-invariants.ts';

/** MongoDB under faults. Elections are quicker than by default, so that a run of seconds sees several. */
export function mongoFuzz(onAnomaly: (what: string) => void = () => undefined): FuzzSubject {
  return {
    protocol: mongodb.protocol,
    driver: mongodb.driver,
    knobs: resolveKnobs(mongodb, { electionTimeoutMillis: 2000, serverSelectionTimeoutMS: 5000 }, 3),
    sizes: [3, 3, 5],
    faults: COMMON_FAULTS,
    faultsFor: 15_000,
    recoveryFor: 15_000,
    answersWithin: 2000,
    operation: randomOperation,
    probe: (node) => ({ kind: 'write', key: 'probe', value: `by ${node}` }),
    invariants: () => new MongoInvariants(onAnomaly),
  };
}

/** Members that come and go. */
export function mongoMembersFuzz(): FuzzSubject {
  return { ...mongoFuzz(), sizes: [4, 5, 6], spares: 2, faults: MEMBER_FAULTS, faultsFor: 25_000 };
}

/** Clients that wait for one member only, and primaries that are cut off and not waited for: what is acknowledged is lost. */
export function mongoHastyFuzz(onAnomaly: (what: string) => void): FuzzSubject {
  return {
    ...mongoFuzz(onAnomaly),
    knobs: { ...mongoFuzz().knobs, catchUpTimeoutMillis: 0 },
    faults: ['isolate the leader', 'isolate the leader', 'heal'],
    sizes: [3],
    operation: (random, count) =>
      random % 3 === 0
        ? { kind: 'read', key: `k${random % 2}` }
        : { kind: 'write', key: `k${random % 2}`, value: `v${count}`, options: { w: 1 } },
  };
}

/**
 * Clients that write with a majority and read from whichever member is near, in a causally consistent session of
 * their own. Their nodes are not crashed, so that sessions last. `session` null: without one.
 */
export function mongoCausalFuzz(session: 'causal' | null = 'causal'): FuzzSubject {
  const inSession: Options = session === null ? {} : { session };
  return {
    ...mongoFuzz(),
    faults: [
      'cut',
      'cut a link',
      'cut one way',
      'isolate',
      'heal',
      'heal',
      'loss',
      'jitter',
      'pause',
      'resume',
    ],
    operation: (random, count) => {
      const key = `k${random % 2}`;
      if ((random >>> 4) % 3 === 0) {
        return { kind: 'write', key, value: `v${count}`, options: { w: 'majority', ...inSession } };
      }
      const near = { readConcern: 'majority', readPreference: 'nearest', maxTimeMS: 2000 };
      return { kind: 'read', key, options: { ...near, ...inSession } };
    },
  };
}

/** A set with an arbiter: two copies, three votes. */
export function mongoArbiterFuzz(): FuzzSubject {
  return {
    ...mongoFuzz(),
    knobs: resolveKnobs(
      mongodb,
      { electionTimeoutMillis: 2000, serverSelectionTimeoutMS: 5000, arbiters: 1 },
      3,
    ),
    sizes: [3],
  };
}

function randomOperation(random: number, count: number): OperationRequest {
  const key = `k${random % 3}`;
  const value = `v${count}`;
  switch ((random >>> 4) % 14) {
    case 0:
      return { kind: 'read', key };
    case 1:
      return { kind: 'read', key, options: { readConcern: 'majority' } };
    case 2:
      return { kind: 'read', key, options: { readPreference: 'secondaryPreferred' } };
    case 3:
      return { kind: 'read', key, options: { readConcern: 'linearizable', maxTimeMS: 3000 } };
    case 4:
      return { kind: 'delete', key };
    case 5:
      return { kind: 'add', key: 'cart', value };
    case 6:
      return { kind: 'remove', key: 'cart', value: `v${count - 10}` };
    case 7:
    case 8:
      return { kind: 'increment', key: 'counter', options: { w: 'majority' } };
    case 9:
      return { kind: 'write', key, value, options: { w: 2, wtimeout: 1000 } };
    case 10:
    case 11:
      return { kind: 'write', key, value, options: { w: 1 } };
    default:
      return { kind: 'write', key, value, options: { w: 'majority' } };
  }
}
