import { mongodb } from '../../../shared/systems/mongodb.ts';
import { resolveKnobs } from '../../../shared/systems/system.ts';
import type { TraceSubject } from '../../support/trace.ts';

/** MongoDB's traces, with three members unless they say otherwise. */
export const mongoTraces: TraceSubject = {
  protocol: mongodb.protocol,
  driver: mongodb.driver,
  knobs: resolveKnobs(mongodb, {}, 3),
};
