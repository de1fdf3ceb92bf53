import { quorum } from '../../../shared/protocols/quorum/replica.ts';
import type { QuorumShape } from '../../../shared/protocols/quorum/types.ts';
import type { Protocol } from '../../../shared/sim/protocol.ts';

/** Wrong: the counts of own writes are kept in memory only and start again after a crash. */
export const reusesCounters: Protocol<QuorumShape> = {
  ...quorum,
  durable: (state) => ({ ...quorum.durable(state), counters: {} }),
};
