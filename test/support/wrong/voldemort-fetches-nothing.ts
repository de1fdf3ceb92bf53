import { voldemort } from '../../../shared/protocols/quorum/voldemort/server.ts';
import type { VoldemortShape } from '../../../shared/protocols/quorum/voldemort/types.ts';
import type { Protocol } from '../../../shared/sim/protocol.ts';

/** Wrong: a server says that it has fetched its partitions, and keeps nothing of them. */
export const fetchesNothing: Protocol<VoldemortShape> = {
  ...voldemort,
  step(state, input, ambient) {
    if (input.kind !== 'message' || input.message.kind !== 'fetched')
      return voldemort.step(state, input, ambient);
    return voldemort.step(state, { ...input, message: { ...input.message, entries: [] } }, ambient);
  },
};
