import { lookUp } from '../../../shared/base/table.ts';
import { quorum } from '../../../shared/protocols/quorum/replica.ts';
import type { QuorumShape } from '../../../shared/protocols/quorum/types.ts';
import type { Protocol } from '../../../shared/sim/protocol.ts';

/** Wrong: a stand-in's answer fills its own place and one more. */
export const doubleCount: Protocol<QuorumShape> = {
  ...quorum,
  step(state, input, ambient) {
    if (input.kind === 'message' && input.message.kind === 'put-ok') {
      const work = lookUp(state.work, input.message.id);
      const places = work?.kind === 'put' ? work.places : [];
      const standsIn = places.some(({ node, owner }) => node === input.from && node !== owner);
      const other = places.find(({ node, state: answer }) => node !== input.from && answer !== 'answered');
      if (standsIn && other !== undefined) other.state = 'answered';
    }
    return quorum.step(state, input, ambient);
  },
};
