import { cassandra } from '../../../shared/systems/cassandra.ts';
import { resolveKnobs } from '../../../shared/systems/system.ts';
import type { TraceSubject } from '../../support/trace.ts';

/** Cassandra's traces. Four nodes; the key `order` belongs to n1, n2 and n3. */
export const cassandraTraces: TraceSubject = {
  protocol: cassandra.protocol,
  driver: cassandra.driver,
  knobs: resolveKnobs(cassandra, {}, 4),
};
