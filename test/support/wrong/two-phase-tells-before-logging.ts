import { twoPhaseCommit } from '../../../shared/protocols/two-phase-commit/two-phase-commit.ts';
import type { TwoPhaseShape } from '../../../shared/protocols/two-phase-commit/types.ts';
import type { Protocol } from '../../../shared/sim/protocol.ts';

/** Wrong: the coordinator tells its decision before it is on disk, and after a crash presumes that there was none. */
export const tellsBeforeLogging: Protocol<TwoPhaseShape> = {
  ...twoPhaseCommit,
  durable: (state) => ({ ...state.durable, decided: {} }),
};
