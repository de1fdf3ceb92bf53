import { outbox } from '../../../shared/systems/outbox.ts';
import { resolveKnobs } from '../../../shared/systems/system.ts';
import type { TraceSubject } from '../../support/trace.ts';

/** Traces of the outbox: every node has everything. */
export const outboxTraces: TraceSubject = {
  protocol: outbox.protocol,
  driver: outbox.driver,
  knobs: resolveKnobs(outbox, {}, 4),
};
