import { raft } from '../../../shared/protocols/consensus/raft.ts';
import type { Raft } from '../../../shared/protocols/consensus/types.ts';
import type { Protocol } from '../../../shared/sim/protocol.ts';

/** Wrong: takes a majority of the nodes it still hears for a majority. Both sides of a partition go on. */
export const majorityOfOwnSide: Protocol<Raft> = {
  ...raft,
  step(state, input, ambient) {
    const patience = 2 * state.electionTicks * state.heartbeatMs;
    const heard = state.others.filter((node) => ambient.now - (state.peers[node]?.heardAt ?? 0) < patience);
    state.quorum = Math.floor((heard.length + 1) / 2) + 1;
    return raft.step(state, input, ambient);
  },
};
