import { keysOf } from '../../../shared/base/table.ts';
import { riakReplica } from '../../../shared/protocols/quorum/riak/replica.ts';
import type { RiakShape } from '../../../shared/protocols/quorum/riak/types.ts';
import type { Protocol } from '../../../shared/sim/protocol.ts';

/** Wrong: a node forgets which names it has counted under, and gives the same one to every vnode of a key. */
export const reusesActors: Protocol<RiakShape> = {
  ...riakReplica,
  step(state, input, ambient) {
    const outputs = riakReplica.step(state, input, ambient);
    for (const key of keysOf(state.durable.epochs)) delete state.durable.epochs[key];
    return outputs;
  },
};
