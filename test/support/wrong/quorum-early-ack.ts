import { quorum } from '../../../shared/protocols/quorum/replica.ts';
import type { QuorumShape } from '../../../shared/protocols/quorum/types.ts';
import type { Protocol } from '../../../shared/sim/protocol.ts';

/** Wrong: tells the writer "stored" as soon as the coordinator itself has the write. */
export const earlyAck: Protocol<QuorumShape> = {
  ...quorum,
  init: (config, durable) => quorum.init({ ...config, knobs: { ...config.knobs, w: 1 } }, durable),
};
