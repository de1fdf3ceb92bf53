import type { Consistency } from '../../shared/protocols/quorum/cassandra/consistency.ts';
import type { OperationRequest } from '../../shared/sim/operation.ts';
import type { Protocol } from '../../shared/sim/protocol.ts';
import { cassandra } from '../../shared/systems/cassandra.ts';
import { resolveKnobs } from '../../shared/systems/system.ts';
import { type Anomalies, CassandraInvariants } from './cassandra-invariants.ts';
import type { FuzzSubject } from './fuzz.ts';

const LEVELS: readonly Consistency[] = ['ANY', 'ONE', 'ONE', 'QUORUM', 'ALL'];

/** Cassandra under every fault that keeps disks. Without duplication: replicas talk over TCP. */
export function cassandraFuzz(
  knobs: object = {},
  protocol: Protocol = cassandra.protocol,
  anomalies: Anomalies = new Map(),
): FuzzSubject {
  return {
    protocol,
    driver: cassandra.driver,
    knobs: resolveKnobs(cassandra, knobs, 4),
    sizes: [4, 5],
    faults: [
      ...([
        'cut',
        'cut',
        'cut one way',
        'cut a link',
        'isolate',
        'heal',
        'heal',
        'heal',
        'loss',
        'jitter',
      ] as const),
      ...(['crash', 'restart', 'restart', 'pause', 'resume', 'resume', 'skew'] as const),
    ],
    faultsFor: 40_000,
    recoveryFor: 40_000,
    answersWithin: 15_000,
    operation: askedOf,
    // An operator's repair at every node: hints alone promise nothing.
    probe: () => ({ kind: 'sync', key: 'order' }),
    invariants: (world) => new CassandraInvariants(world, anomalies),
  };
}

/** Every written value is written once. `title` is for QUORUM alone; a `seat` goes to whoever is first. */
function askedOf(random: number, count: number): OperationRequest {
  const value = `v${count}`;
  const seat = `seat${Math.floor(count / 20)}`;
  const consistency = LEVELS[(random >>> 8) % LEVELS.length] ?? 'ONE';
  const readable = consistency === 'ANY' ? 'ONE' : consistency;
  switch (random % 12) {
    case 0:
    case 1:
      return { kind: 'write', key: 'order', value, options: { consistency } };
    case 2:
      return { kind: 'delete', key: 'order', options: { consistency } };
    case 3:
      return { kind: 'read', key: 'order', options: { consistency: readable } };
    case 4:
      return { kind: 'add', key: 'cart', value, options: { consistency } };
    case 5:
      return { kind: 'remove', key: 'cart', value: `v${(random >>> 16) % (count + 1)}` };
    case 6:
    case 7:
      return { kind: 'write', key: 'title', value, options: { consistency: 'QUORUM' } };
    case 8:
      return { kind: 'read', key: 'title', options: { consistency: 'QUORUM' } };
    case 9:
      return { kind: 'write', key: seat, value, options: { if: 'NOT EXISTS', consistency: 'QUORUM' } };
    case 10:
      return { kind: 'read', key: seat, options: { consistency: 'SERIAL' } };
    default:
      return { kind: 'increment', key: 'likes', options: { consistency: readable } };
  }
}
