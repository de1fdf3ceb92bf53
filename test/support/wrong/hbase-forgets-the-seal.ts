import { keysOf } from '../../../shared/base/table.ts';
import { zab } from '../../../shared/protocols/consensus/zab/zab.ts';
import { createHBase } from '../../../shared/protocols/ownership/hbase/hbase.ts';
import type { HBase } from '../../../shared/protocols/ownership/hbase/types.ts';
import type { Protocol } from '../../../shared/sim/protocol.ts';

const right = createHBase(zab);

/** Wrong: data nodes go on taking a log that the master has had sealed, so a region has two servers that write. */
export const forgetsTheSeal: Protocol<HBase> = {
  ...right,
  step(state, input, ambient) {
    for (const name of keysOf(state.logs)) {
      const log = state.logs[name];
      if (log !== undefined) log.sealed = false;
    }
    return right.step(state, input, ambient);
  },
};
