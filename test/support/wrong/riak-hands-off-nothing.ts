import { riakReplica } from '../../../shared/protocols/quorum/riak/replica.ts';
import type { RiakShape } from '../../../shared/protocols/quorum/riak/types.ts';
import type { Protocol } from '../../../shared/sim/protocol.ts';

/** Wrong: a partition that has another owner is given up without what is in it. */
export const handsOffNothing: Protocol<RiakShape> = {
  ...riakReplica,
  step(state, input, ambient) {
    if (input.kind === 'timer' && input.timer === 'handoff') {
      const { ring, vnodes } = state.durable;
      for (const { partition, from } of ring?.pending ?? []) {
        if (from === state.self) delete vnodes[String(partition)];
      }
    }
    return riakReplica.step(state, input, ambient);
  },
};
