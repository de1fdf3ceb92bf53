import { keysOf } from '../../../shared/base/table.ts';
import { couchDb } from '../../../shared/protocols/exchange/couchdb.ts';
import type { CouchShape } from '../../../shared/protocols/exchange/types.ts';
import type { Protocol } from '../../../shared/sim/protocol.ts';

/** Wrong: when branches meet, only the winner is kept, as if the last writer had won. */
export const dropsLosers: Protocol<CouchShape> = {
  ...couchDb,
  step(state, input, ambient) {
    const outputs = couchDb.step(state, input, ambient);
    const { documents } = state.durable;
    for (const key of keysOf(documents)) {
      const entry = documents[key];
      if (entry !== undefined && entry.revisions.length > 1) {
        documents[key] = { ...entry, revisions: entry.revisions.slice(0, 1) };
      }
    }
    return outputs;
  },
};
