import { raft } from '../../../shared/protocols/consensus/raft.ts';
import type { Raft, RaftState } from '../../../shared/protocols/consensus/types.ts';
import type { Protocol } from '../../../shared/sim/protocol.ts';

/** Wrong: commits by counting whatever is on a majority, also entries of earlier terms (Ongaro 2014, Figure 3.7). */
export const countsOldTerms: Protocol<Raft> = {
  ...raft,
  step(state, input, ambient) {
    const outputs = raft.step(state, input, ambient);
    const counted = state.role === 'leader' ? majorityMatch(state) : 0;
    if (counted <= state.commit) return outputs;
    state.commit = counted;
    return [...outputs, { kind: 'persist' }];
  },
};

function majorityMatch(state: RaftState): number {
  const matches = [state.log.length, ...state.others.map((node) => state.peers[node]?.match ?? 0)];
  return matches.sort((a, b) => b - a)[state.quorum - 1] ?? 0;
}
