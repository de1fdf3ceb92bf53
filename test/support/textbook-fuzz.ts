import type { OperationRequest } from '../../shared/sim/operation.ts';
import { lastWriteWins } from '../../shared/systems/last-write-wins.ts';
import { quorum } from '../../shared/systems/quorum.ts';
import { singleCopy } from '../../shared/systems/single-copy.ts';
import { resolveKnobs } from '../../shared/systems/system.ts';
import { vectorClock } from '../../shared/systems/vector-clock.ts';
import { COMMON_FAULTS } from './fuzz-faults.ts';
import type { FuzzSubject } from './fuzz.ts';
import { LastWriteInvariants } from './textbook-last-write.ts';
import { QuorumInvariants } from './textbook-quorum.ts';
import { SingleCopyInvariants } from './textbook-single-copy.ts';
import { VectorClockInvariants } from './textbook-vector-clock.ts';

type Tell = (anomaly: string) => void;
const nobody: Tell = () => undefined;

const COMMON = {
  faults: COMMON_FAULTS,
  faultsFor: 12_000,
  recoveryFor: 4000,
  answersWithin: 3000,
  sizes: [3, 4],
  operation: randomOperation,
  probe: (node: string): OperationRequest => ({ kind: 'write', key: `probe-${node}`, value: 'here' }),
} satisfies Partial<FuzzSubject>;

/** The text's majority quorum, with less patience for each node, so that an operation ends while faults last. */
export function quorumStoreFuzz(knobs: object = {}, tell: Tell = nobody): FuzzSubject {
  const { protocol, driver } = quorum;
  const invariants = () => new QuorumInvariants(tell);
  return {
    ...COMMON,
    protocol,
    driver,
    invariants,
    knobs: resolveKnobs(quorum, { timeoutMs: 200, ...knobs }, 3),
  };
}

export function lastWriteFuzz(tell: Tell = nobody): FuzzSubject {
  const { protocol, driver } = lastWriteWins;
  const invariants = () => new LastWriteInvariants(tell);
  return { ...COMMON, protocol, driver, invariants, knobs: resolveKnobs(lastWriteWins, {}, 3) };
}

export function vectorClockFuzz(tell: Tell = nobody): FuzzSubject {
  const { protocol, driver } = vectorClock;
  const invariants = () => new VectorClockInvariants(tell);
  return { ...COMMON, protocol, driver, invariants, knobs: resolveKnobs(vectorClock, {}, 3) };
}

/** Requests come once and in order, as on a connection: without numbers of their own they could not be told apart. */
export function singleCopyFuzz(tell: Tell = nobody): FuzzSubject {
  const { protocol, driver } = singleCopy;
  return {
    ...COMMON,
    protocol,
    driver,
    knobs: resolveKnobs(singleCopy, {}, 3),
    faults: COMMON_FAULTS.filter((fault) => fault !== 'duplication'),
    answersWithin: 6000,
    invariants: () => new SingleCopyInvariants(tell),
  };
}

/** Every value is written once. */
function randomOperation(random: number, count: number): OperationRequest {
  const key = `k${random % 2}`;
  switch ((random >>> 4) % 6) {
    case 0:
    case 1:
      return { kind: 'read', key };
    case 2:
      return { kind: 'increment', key: 'count' };
    default:
      return { kind: 'write', key, value: `v${count}` };
  }
}
