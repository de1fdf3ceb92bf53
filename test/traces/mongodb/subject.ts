import { mongodb } from '../../../shared/systems/mongodb.ts';
import { resolveKnobs } from '../../../shared/systems/system.ts';
import type { TraceSubject } from '../../support/trace.ts';

/** MongoDB's traces, with three members unless they say otherwise. After `opened` n1 is primary. */
export const mongoTraces: TraceSubject = {
  protocol: mongodb.protocol,
  driver: mongodb.driver,
  knobs: resolveKnobs(mongodb, {}, 3),
  opening: [
    'random 0',
    'replicas n1 n2 n3',
    'settle',
    'timer n1 election',
    'settle',
    'timer n2 heartbeat-n1',
    'timer n3 heartbeat-n1',
    'settle',
  ],
};
