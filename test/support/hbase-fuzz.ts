import type { OperationRequest } from '../../shared/sim/operation.ts';
import type { Protocol } from '../../shared/sim/protocol.ts';
import { hbase } from '../../shared/systems/hbase.ts';
import { resolveKnobs } from '../../shared/systems/system.ts';
import { COMMON_FAULTS, MEMBER_FAULTS } from './fuzz-faults.ts';
import type { FuzzSubject } from './fuzz.ts';
import { HBaseInvariants, isStopped } from './hbase-invariants.ts';

/** HBase under faults. Sessions are as short as the ensemble grants them, so that regions move in a short run. */
export const hbaseFuzz: FuzzSubject = {
  protocol: hbase.protocol,
  driver: hbase.driver,
  knobs: resolveKnobs(hbase, { sessionTimeout: 4000, selfAbortAfter: 4000 }, 5),
  sizes: [4, 5, 6],
  faults: COMMON_FAULTS,
  faultsFor: 40_000,
  // Clients that waited long ask rarely, and a silent data node is waited for for a minute.
  recoveryFor: 150_000,
  answersWithin: 25_000,
  operation: randomOperation,
  probe: (node) => ({ kind: 'write', key: 'probe', value: `by ${node}` }),
  invariants: (world) => new HBaseInvariants(world),
};

/** Region servers that are started and stopped gracefully, with a balancer that runs every ten seconds. */
export function hbaseMembersFuzz(protocol: Protocol = hbase.protocol): FuzzSubject {
  return {
    ...hbaseFuzz,
    protocol: balancedOften(protocol),
    sizes: [5, 6],
    spares: 2,
    faults: MEMBER_FAULTS,
    excuses: isStopped,
  };
}

const BALANCER_PERIOD = 10_000;

function balancedOften(protocol: Protocol): Protocol {
  return {
    ...protocol,
    step: (state, input, ambient) =>
      protocol.step(state, input, ambient).map((output) => {
        if (output.kind !== 'set-timer' || output.timer !== 'balancer') return output;
        return { ...output, after: 1 + (output.after % BALANCER_PERIOD) };
      }),
  };
}

/** Every value is written under a key of its own, so that each acknowledged write can be looked for. */
function randomOperation(random: number, count: number): OperationRequest {
  const letter = 'adgjmpsv'[random % 8] ?? 'a';
  switch ((random >>> 4) % 8) {
    case 0:
      return { kind: 'read', key: `${letter}${count - 5}` };
    case 1:
      return { kind: 'read', key: `${letter}${count - 5}`, options: { timeline: true } };
    case 2:
      return { kind: 'increment', key: `${letter}-count` };
    case 3:
      return { kind: 'add', key: `${letter}-set`, value: `v${count}` };
    default:
      return { kind: 'write', key: `${letter}${count}`, value: `v${count}` };
  }
}
