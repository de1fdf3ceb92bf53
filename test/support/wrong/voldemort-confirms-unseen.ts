import { voldemort } from '../../../shared/protocols/quorum/voldemort/server.ts';
import type { VoldemortShape } from '../../../shared/protocols/quorum/voldemort/types.ts';
import type { Protocol } from '../../../shared/sim/protocol.ts';

/** Wrong: a server confirms puts for keys that it has nothing of, and keeps nothing. */
export const confirmsUnseen: Protocol<VoldemortShape> = {
  ...voldemort,
  step(state, input, ambient) {
    if (input.kind !== 'request' || input.request.kind !== 'put')
      return voldemort.step(state, input, ambient);
    if (state.durable.data[input.request.key] !== undefined) return voldemort.step(state, input, ambient);
    return [{ kind: 'reply', to: input.from, id: input.id, reply: { kind: 'done' } }];
  },
};
