import { cassandra } from '../../../shared/protocols/quorum/cassandra/replica.ts';
import type { CassandraShape } from '../../../shared/protocols/quorum/cassandra/types.ts';
import type { Protocol } from '../../../shared/sim/protocol.ts';

/** Wrong: who is on the way in, or takes over what another leaves behind, is not sent what is written meanwhile. */
export const forgetsPending: Protocol<CassandraShape> = {
  ...cassandra,
  step(state, input, ambient) {
    delete state.futures;
    const outputs = cassandra.step(state, input, ambient);
    delete state.futures;
    return outputs;
  },
};
