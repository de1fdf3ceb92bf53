import { redis } from '../../../shared/protocols/ownership/redis/redis.ts';
import type { RedisShape } from '../../../shared/protocols/ownership/redis/types.ts';
import type { Protocol } from '../../../shared/sim/protocol.ts';

/** Wrong: MIGRATE deletes the keys as soon as it has sent them, before the target has said that it has them. */
export const deletesBeforeTheAnswer: Protocol<RedisShape> = {
  ...redis,
  step(state, input, ambient) {
    const outputs = redis.step(state, input, ambient);
    if (input.kind !== 'request' || input.request.kind !== 'migrate') return outputs;
    for (const [key] of state.migration?.restore.entries ?? []) delete state.durable.data[key];
    return outputs;
  },
};
