import { redis } from '../../../shared/protocols/ownership/redis/redis.ts';
import type { RedisShape } from '../../../shared/protocols/ownership/redis/types.ts';
import type { Protocol } from '../../../shared/sim/protocol.ts';

/** Wrong: a node that was made a master takes no notice of claims with a greater epoch than its own. */
export const keepsItsSlots: Protocol<RedisShape> = {
  ...redis,
  step(state, input, ambient) {
    const isMaster = state.durable.owners.includes(state.self);
    const isClaim =
      input.kind === 'message' && input.message.kind === 'bus' && input.message.head.master === null;
    if (!isMaster || !isClaim || input.message.kind !== 'bus') return redis.step(state, input, ambient);
    const { head } = input.message;
    const ranges = head.claim.ranges.filter((range) => state.durable.owners[range] !== state.self);
    const message = { ...input.message, head: { ...head, claim: { ...head.claim, ranges } } };
    return redis.step(state, { ...input, message }, ambient);
  },
};
