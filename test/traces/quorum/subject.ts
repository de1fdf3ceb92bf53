import { quorum } from '../../../shared/systems/quorum.ts';
import { resolveKnobs } from '../../../shared/systems/system.ts';
import type { TraceSubject } from '../../support/trace.ts';

/** The text's majority quorum. The first three nodes keep everything. */
export const textbookQuorumTraces: TraceSubject = {
  protocol: quorum.protocol,
  driver: quorum.driver,
  knobs: resolveKnobs(quorum, {}, 4),
};
