import { voldemort } from '../../../shared/protocols/quorum/voldemort/server.ts';
import type { VoldemortShape } from '../../../shared/protocols/quorum/voldemort/types.ts';
import type { Protocol } from '../../../shared/sim/protocol.ts';

/** Wrong: a server takes whatever it is sent for the only version, older ones too. */
export const takesOldVersions: Protocol<VoldemortShape> = {
  ...voldemort,
  step(state, input, ambient) {
    if (input.kind === 'request' && input.request.kind === 'put')
      delete state.durable.data[input.request.key];
    return voldemort.step(state, input, ambient);
  },
};
