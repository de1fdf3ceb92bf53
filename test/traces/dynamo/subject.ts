import { dynamo } from '../../../shared/systems/dynamo.ts';
import { resolveKnobs } from '../../../shared/systems/system.ts';
import type { TraceSubject } from '../../support/trace.ts';

/** Dynamo's traces. Four nodes; the key `order` belongs to n1, n2 and n3, and n4 stands in. */
export const dynamoTraces: TraceSubject = {
  protocol: dynamo.protocol,
  driver: dynamo.driver,
  knobs: resolveKnobs(dynamo, {}, 4),
};
