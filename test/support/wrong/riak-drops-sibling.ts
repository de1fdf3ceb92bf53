import { keysOf } from '../../../shared/base/table.ts';
import { riakReplica } from '../../../shared/protocols/quorum/riak/replica.ts';
import type { RiakShape } from '../../../shared/protocols/quorum/riak/types.ts';
import type { Protocol } from '../../../shared/sim/protocol.ts';

/** Wrong: when copies meet, a vnode keeps one sibling as if the others had been superseded. */
export const dropsRiakSibling: Protocol<RiakShape> = {
  ...riakReplica,
  step(state, input, ambient) {
    const outputs = riakReplica.step(state, input, ambient);
    if (input.kind !== 'message' || !['handoff', 'repair', 'leaves'].includes(input.message.kind)) {
      return outputs;
    }
    const { vnodes } = state.durable;
    for (const partition of keysOf(vnodes)) {
      const shelf = vnodes[partition] ?? {};
      for (const key of keysOf(shelf)) {
        const held = shelf[key];
        if (held === undefined || held.entry.object.values.length < 2) continue;
        const object = { ...held.entry.object, values: held.entry.object.values.slice(0, 1) };
        shelf[key] = { ...held, entry: { ...held.entry, object } };
      }
    }
    return outputs;
  },
};
