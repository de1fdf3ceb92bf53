import { keysOf } from '../../../shared/base/table.ts';
import { zab } from '../../../shared/protocols/consensus/zab/zab.ts';
import { createHBase } from '../../../shared/protocols/ownership/hbase/hbase.ts';
import type { HBase } from '../../../shared/protocols/ownership/hbase/types.ts';
import type { Protocol } from '../../../shared/sim/protocol.ts';

const right = createHBase(zab);

/** Wrong: the master gives a dead server's regions away before it has read the log. */
export const opensWithoutReplay: Protocol<HBase> = {
  ...right,
  step(state, input, ambient) {
    const recoveries = state.master?.recoveries ?? {};
    for (const server of keysOf(recoveries)) {
      const recovery = recoveries[server];
      if (recovery?.phase === 'read') Object.assign(recovery, { phase: 'replay', regions: {} });
    }
    return right.step(state, input, ambient);
  },
};
