import { redis } from '../../../shared/protocols/ownership/redis/redis.ts';
import type { RedisShape } from '../../../shared/protocols/ownership/redis/types.ts';
import type { Protocol } from '../../../shared/sim/protocol.ts';

/** Wrong: the epoch of the last vote is not on disk, so after a crash it may vote again in the same one. */
export const forgetsVotes: Protocol<RedisShape> = {
  ...redis,
  durable: (state) => ({ ...redis.durable(state), lastVoteEpoch: 0 }),
};
