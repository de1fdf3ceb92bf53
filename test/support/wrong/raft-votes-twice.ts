import { raft } from '../../../shared/protocols/consensus/raft.ts';
import type { Raft } from '../../../shared/protocols/consensus/types.ts';
import type { Protocol } from '../../../shared/sim/protocol.ts';

/** Wrong: whoever asks gets a vote, even if another has it already in this term. */
export const votesTwice: Protocol<Raft> = {
  ...raft,
  step(state, input, ambient) {
    if (input.kind === 'message' && input.message.kind === 'vote') state.vote = null;
    return raft.step(state, input, ambient);
  },
};

/** Wrong: the vote is not on the disk, so a node that restarts votes again. */
export const forgetsItsVote: Protocol<Raft> = {
  ...raft,
  durable: (state) => ({ ...raft.durable(state), vote: null }),
};
