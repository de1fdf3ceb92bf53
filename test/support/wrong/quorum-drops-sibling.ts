import { keysOf } from '../../../shared/base/table.ts';
import { quorum } from '../../../shared/protocols/quorum/replica.ts';
import type { QuorumShape } from '../../../shared/protocols/quorum/types.ts';
import type { Protocol } from '../../../shared/sim/protocol.ts';

/** Wrong: when copies meet after a partition an owner keeps one, as if the other had been superseded. */
export const dropsSibling: Protocol<QuorumShape> = {
  ...quorum,
  step(state, input, ambient) {
    const outputs = quorum.step(state, input, ambient);
    if (input.kind !== 'message' || !['hand-off', 'repair', 'leaves'].includes(input.message.kind))
      return outputs;
    const { data } = state.durable;
    for (const key of keysOf(data)) data[key] = (data[key] ?? []).slice(0, 1);
    return outputs;
  },
};
