import { keysOf } from '../../../shared/base/table.ts';
import { couchDb } from '../../../shared/protocols/exchange/couchdb.ts';
import { belongsAt } from '../../../shared/protocols/exchange/membership.ts';
import type { CouchShape } from '../../../shared/protocols/exchange/types.ts';
import type { Protocol } from '../../../shared/sim/protocol.ts';

/** Wrong: a shard's file is removed as soon as the map names others, before they are known to have what is in it. */
export const forgetsWhatItHeld: Protocol<CouchShape> = {
  ...couchDb,
  step(state, input, ambient) {
    const outputs = couchDb.step(state, input, ambient);
    const { documents } = state.durable;
    for (const key of keysOf(documents)) if (!belongsAt(state, key, state.self)) delete documents[key];
    return outputs;
  },
};
