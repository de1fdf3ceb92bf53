import { resolveKnobs } from '../../../shared/systems/system.ts';
import { twoPhaseCommitSystem } from '../../../shared/systems/two-phase-commit.ts';
import type { TraceSubject } from '../../support/trace.ts';

/** Traces of two-phase commit. Of four nodes n1 has dave, n2 carol, n3 alice and n4 bob. */
export const twoPhaseCommitTraces: TraceSubject = {
  protocol: twoPhaseCommitSystem.protocol,
  driver: twoPhaseCommitSystem.driver,
  knobs: resolveKnobs(twoPhaseCommitSystem, {}, 4),
};
