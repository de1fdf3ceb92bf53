import { zab } from '../../../shared/protocols/consensus/zab/zab.ts';
import { createHBase } from '../../../shared/protocols/ownership/hbase/hbase.ts';
import type { HBase } from '../../../shared/protocols/ownership/hbase/types.ts';
import type { Protocol } from '../../../shared/sim/protocol.ts';

const right = createHBase(zab);

/** Wrong: once one data node has an entry of the log, the region server counts it as synced on all. */
export const acknowledgesAlone: Protocol<HBase> = {
  ...right,
  step(state, input, ambient) {
    if (input.kind === 'message' && input.message.kind === 'log-ack') {
      const { wal } = state.server;
      for (const node of wal.pipeline) wal.acknowledged[node] = input.message.length;
    }
    return right.step(state, input, ambient);
  },
};
