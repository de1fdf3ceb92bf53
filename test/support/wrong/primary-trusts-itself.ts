import { primary } from '../../../shared/protocols/ownership/primary/primary.ts';
import type { PrimaryShape } from '../../../shared/protocols/ownership/primary/types.ts';
import type { Protocol } from '../../../shared/sim/protocol.ts';

/** Wrong: the primary counts itself among the replicas, so it acknowledges what none has promised. */
export const trustsItself: Protocol<PrimaryShape> = {
  ...primary,
  init: (config, durable) => primary.init({ ...config, knobs: { ...config.knobs, acks: 0 } }, durable),
};
