import { lease } from '../../../shared/systems/lease.ts';
import { resolveKnobs } from '../../../shared/systems/system.ts';
import type { TraceSubject } from '../../support/trace.ts';

/** Traces of the lease: n1 has the locks, n2 the resource. */
export const leaseTraces: TraceSubject = {
  protocol: lease.protocol,
  driver: lease.driver,
  knobs: resolveKnobs(lease, {}, 4),
};
