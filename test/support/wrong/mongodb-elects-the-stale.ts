import { replicaSet } from '../../../shared/protocols/consensus/mongodb/replica-set.ts';
import type { MongoDb } from '../../../shared/protocols/consensus/mongodb/types.ts';
import type { Protocol } from '../../../shared/sim/protocol.ts';

/** Wrong: voters do not mind whether a candidate has what they have. */
export const electsTheStale: Protocol<MongoDb> = {
  ...replicaSet,
  step(state, input, ambient) {
    if (input.kind !== 'message' || input.message.kind !== 'request-votes') {
      return replicaSet.step(state, input, ambient);
    }
    const last = { term: Number.MAX_SAFE_INTEGER, index: 0 };
    return replicaSet.step(state, { ...input, message: { ...input.message, last } }, ambient);
  },
};
