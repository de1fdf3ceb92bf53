import { twoPhaseCommit } from '../../../shared/protocols/two-phase-commit/two-phase-commit.ts';
import type { TwoPhaseShape } from '../../../shared/protocols/two-phase-commit/types.ts';
import type { Protocol } from '../../../shared/sim/protocol.ts';

/** Wrong: a participant says yes without writing it down, and knows nothing of it after a crash. */
export const forgetsVotes: Protocol<TwoPhaseShape> = {
  ...twoPhaseCommit,
  durable: (state) => ({ ...state.durable, prepared: {} }),
};
