import { keysOf } from '../../../shared/base/table.ts';
import { voldemort } from '../../../shared/protocols/quorum/voldemort/server.ts';
import type { VoldemortShape } from '../../../shared/protocols/quorum/voldemort/types.ts';
import type { Protocol } from '../../../shared/sim/protocol.ts';

/** Wrong: a donor deletes what it has given, without waiting for a repair job, though all may go back. */
export const givesForGood: Protocol<VoldemortShape> = {
  ...voldemort,
  step(state, input, ambient) {
    const outputs = voldemort.step(state, input, ambient);
    const given = outputs.flatMap((output) =>
      output.kind === 'send' && output.message.kind === 'fetched' ? output.message.entries : [],
    );
    if (given.length === 0) return outputs;
    for (const key of keysOf(state.durable.data))
      if (given.some(([other]) => other === key)) delete state.durable.data[key];
    return [{ kind: 'persist' }, ...outputs];
  },
};
