import type { Zab } from '../../../shared/protocols/consensus/zab/types.ts';
import { zab } from '../../../shared/protocols/consensus/zab/zab.ts';
import type { Protocol } from '../../../shared/sim/protocol.ts';

/** Wrong: a leader that has been established commits what it alone has on disk. */
export const commitsAlone: Protocol<Zab> = {
  ...zab,
  step(state, input, ambient) {
    const serves = state.role.kind === 'leading' && state.role.phase === 'serve' && input.kind !== 'timer';
    const wrong = Object.assign(state, { quorum: serves ? 1 : Math.floor(state.nodes.length / 2) + 1 });
    return zab.step(wrong, input, ambient);
  },
};
