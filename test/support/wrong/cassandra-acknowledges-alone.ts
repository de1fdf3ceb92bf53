import { keysOf } from '../../../shared/base/table.ts';
import { cassandra } from '../../../shared/protocols/quorum/cassandra/replica.ts';
import type { CassandraShape } from '../../../shared/protocols/quorum/cassandra/types.ts';
import type { Protocol } from '../../../shared/sim/protocol.ts';

/** Wrong: one confirmation counts for all that the level asks for. */
export const acknowledgesAlone: Protocol<CassandraShape> = {
  ...cassandra,
  step(state, input, ambient) {
    if (input.kind === 'message' && input.message.kind === 'mutated') {
      for (const id of keysOf(state.work)) {
        const work = state.work[id];
        if (work?.kind === 'write' && id === input.message.id) work.received = work.required;
      }
    }
    return cassandra.step(state, input, ambient);
  },
};
