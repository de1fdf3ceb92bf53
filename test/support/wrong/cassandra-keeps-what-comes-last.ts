import { cassandra } from '../../../shared/protocols/quorum/cassandra/replica.ts';
import type { CassandraShape } from '../../../shared/protocols/quorum/cassandra/types.ts';
import type { Protocol } from '../../../shared/sim/protocol.ts';

/** Wrong: a replica takes what arrives last, whatever its timestamp. */
export const keepsWhatComesLast: Protocol<CassandraShape> = {
  ...cassandra,
  step(state, input, ambient) {
    const outputs = cassandra.step(state, input, ambient);
    if (input.kind === 'message' && input.message.kind === 'mutate') {
      const { key, cells } = input.message;
      state.durable.rows[key] = { ...state.durable.rows[key], ...cells };
    }
    return outputs;
  },
};
