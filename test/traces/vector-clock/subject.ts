import { resolveKnobs } from '../../../shared/systems/system.ts';
import { vectorClock } from '../../../shared/systems/vector-clock.ts';
import type { TraceSubject } from '../../support/trace.ts';

/** The text's AP store with vector clocks. */
export const vectorClockTraces: TraceSubject = {
  protocol: vectorClock.protocol,
  driver: vectorClock.driver,
  knobs: resolveKnobs(vectorClock, {}, 2),
};
