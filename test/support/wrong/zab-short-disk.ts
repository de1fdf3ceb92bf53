import type { Zab } from '../../../shared/protocols/consensus/zab/types.ts';
import { zab } from '../../../shared/protocols/consensus/zab/zab.ts';
import type { Protocol } from '../../../shared/sim/protocol.ts';

/** Wrong: transactions are acknowledged before they are on disk, so that a crash loses the last of them. */
export const acknowledgesEarly: Protocol<Zab> = {
  ...zab,
  durable(state) {
    const durable = zab.durable(state);
    return { ...durable, log: durable.log.slice(0, -2) };
  },
};

/** Wrong: a server forgets in a crash which epoch it has accepted, and may accept it from another leader. */
export const forgetsItsEpoch: Protocol<Zab> = {
  ...zab,
  durable: (state) => ({ ...zab.durable(state), acceptedEpoch: 0 }),
};
