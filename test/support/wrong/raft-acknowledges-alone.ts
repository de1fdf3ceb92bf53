import { raft } from '../../../shared/protocols/consensus/raft.ts';
import type { Raft } from '../../../shared/protocols/consensus/types.ts';
import type { Protocol } from '../../../shared/sim/protocol.ts';

/** Wrong: a leader commits and answers as soon as it has written the entry itself. Elections are right. */
export const acknowledgesAlone: Protocol<Raft> = {
  ...raft,
  step(state, input, ambient) {
    const majority = Math.floor(state.nodes.length / 2) + 1;
    state.quorum = state.role === 'leader' && input.kind !== 'timer' ? 1 : majority;
    return raft.step(state, input, ambient);
  },
};
