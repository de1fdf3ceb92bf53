import { keysOf } from '../../../shared/base/table.ts';
import { ringOf } from '../../../shared/protocols/quorum/membership.ts';
import { quorum } from '../../../shared/protocols/quorum/replica.ts';
import type { QuorumShape } from '../../../shared/protocols/quorum/types.ts';
import type { Protocol } from '../../../shared/sim/protocol.ts';

/** Wrong: what a node does not own any more, because somebody joins or leaves, is thrown away and not handed over. */
export const forgetsHandoff: Protocol<QuorumShape> = {
  ...quorum,
  step(state, input, ambient) {
    const { hints } = state.durable;
    const ring = ringOf(state);
    const kept = structuredClone(hints);
    const outputs = quorum.step(state, input, ambient);
    if (ringOf(state).join() === ring.join()) return outputs;
    for (const owner of keysOf(hints)) delete hints[owner];
    for (const owner of keysOf(kept)) hints[owner] = kept[owner] ?? {};
    return outputs;
  },
};
