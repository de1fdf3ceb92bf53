import { keysOf } from '../../../shared/base/table.ts';
import { replicaSet } from '../../../shared/protocols/consensus/mongodb/replica-set.ts';
import type { MongoDb } from '../../../shared/protocols/consensus/mongodb/types.ts';
import type { Protocol } from '../../../shared/sim/protocol.ts';

/** Wrong: nobody remembers which retryable writes have been done, so a retry does them again. */
export const forgetsRetries: Protocol<MongoDb> = {
  ...replicaSet,
  step(state, input, ambient) {
    for (const session of keysOf(state.data.sessions)) delete state.data.sessions[session];
    return replicaSet.step(state, input, ambient);
  },
};
