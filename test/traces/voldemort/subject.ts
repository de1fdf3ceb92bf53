import { resolveKnobs } from '../../../shared/systems/system.ts';
import { voldemort } from '../../../shared/systems/voldemort.ts';
import type { TraceSubject } from '../../support/trace.ts';

/** Voldemort's traces. Four nodes; the key `order` belongs to n1, n2 and n3. */
export const voldemortTraces: TraceSubject = {
  protocol: voldemort.protocol,
  driver: voldemort.driver,
  knobs: resolveKnobs(voldemort, {}, 4),
};
