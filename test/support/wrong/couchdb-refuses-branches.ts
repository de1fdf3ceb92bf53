import { keysOf } from '../../../shared/base/table.ts';
import { graft } from '../../../shared/data/revision-tree.ts';
import { couchDb } from '../../../shared/protocols/exchange/couchdb.ts';
import { documentAt } from '../../../shared/protocols/exchange/database.ts';
import type { CouchShape, CouchState, DocumentLeaf } from '../../../shared/protocols/exchange/types.ts';
import type { Protocol } from '../../../shared/sim/protocol.ts';

type Leaves = { [key: string]: readonly DocumentLeaf[] };

/** Wrong: what is replicated goes through the front door, so a branch beside what is there is refused. */
export const refusesBranches: Protocol<CouchShape> = {
  ...couchDb,
  step(state, input, ambient) {
    if (input.kind !== 'message' || input.message.kind !== 'documents') {
      return couchDb.step(state, input, ambient);
    }
    const leaves = withoutBranches(state, input.message.leaves);
    return couchDb.step(state, { ...input, message: { ...input.message, leaves } }, ambient);
  },
};

function withoutBranches(state: CouchState, leaves: Leaves): Leaves {
  const taken: Leaves = {};
  for (const key of keysOf(leaves)) {
    const here = documentAt(state, key);
    taken[key] = (leaves[key] ?? []).filter(
      (leaf) => here.length === 0 || graft(here, leaf).length === here.length,
    );
  }
  return taken;
}
