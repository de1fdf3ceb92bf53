import { lookUp } from '../../../shared/base/table.ts';
import { zab } from '../../../shared/protocols/consensus/zab/zab.ts';
import { createHBase } from '../../../shared/protocols/ownership/hbase/hbase.ts';
import type { HBase } from '../../../shared/protocols/ownership/hbase/types.ts';
import type { Protocol } from '../../../shared/sim/protocol.ts';

const right = createHBase(zab);

/** Wrong: a region server that is told to close a region says that it has, and goes on serving it. */
export const closesInNameOnly: Protocol<HBase> = {
  ...right,
  step(state, input, ambient) {
    const outputs = right.step(state, input, ambient);
    if (input.kind !== 'message' || input.message.kind !== 'close-region') return outputs;
    const region = lookUp(state.server.regions, input.message.region);
    if (region?.closing !== undefined) region.open = true;
    return outputs;
  },
};
