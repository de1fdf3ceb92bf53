import { primaryReplica } from '../../../shared/systems/primary-replica.ts';
import { resolveKnobs } from '../../../shared/systems/system.ts';
import type { TraceSubject } from '../../support/trace.ts';

/** Traces of primary and replicas: n1 begins as primary, and one promise is enough. */
export const primaryReplicaTraces: TraceSubject = {
  protocol: primaryReplica.protocol,
  driver: primaryReplica.driver,
  knobs: resolveKnobs(primaryReplica, {}, 3),
};
