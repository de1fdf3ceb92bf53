import { replicaSet } from '../../../shared/protocols/consensus/mongodb/replica-set.ts';
import type { MongoDb } from '../../../shared/protocols/consensus/mongodb/types.ts';
import type { Protocol } from '../../../shared/sim/protocol.ts';

/** Wrong: the primary alone counts as a majority of those with data. Elections are right. */
export const commitsAlone: Protocol<MongoDb> = {
  ...replicaSet,
  init(config, durable) {
    const state = replicaSet.init(config, durable);
    return { ...state, set: { ...state.set, writeMajority: 1 } };
  },
};
