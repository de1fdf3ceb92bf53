import { riak } from '../../../shared/systems/riak.ts';
import { resolveKnobs } from '../../../shared/systems/system.ts';
import type { TraceSubject } from '../../support/trace.ts';

/** Riak's traces. Four nodes; the partitions of the key `order` belong to n4, n1 and n2. */
export const riakTraces: TraceSubject = {
  protocol: riak.protocol,
  driver: riak.driver,
  knobs: resolveKnobs(riak, { allowMult: true }, 4),
};
