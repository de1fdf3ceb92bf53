import { keysOf } from '../../../shared/base/table.ts';
import { zab } from '../../../shared/protocols/consensus/zab/zab.ts';
import { createHBase } from '../../../shared/protocols/ownership/hbase/hbase.ts';
import type { HBase } from '../../../shared/protocols/ownership/hbase/types.ts';
import type { Protocol } from '../../../shared/sim/protocol.ts';

const right = createHBase(zab);

/** Wrong: nobody moves the regions of a server away that is to stop; it drops its log and goes. */
export const stopsAtOnce: Protocol<HBase> = {
  ...right,
  step(state, input, ambient) {
    if (input.kind === 'request' && input.request.kind === 'unload-server') {
      return [{ kind: 'reply', to: input.from, id: input.id, reply: { kind: 'done' } }];
    }
    if (input.kind === 'request' && input.request.kind === 'stop-server') {
      for (const region of keysOf(state.server.regions)) delete state.server.regions[region];
    }
    return right.step(state, input, ambient);
  },
};
