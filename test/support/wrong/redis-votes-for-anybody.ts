import { redis } from '../../../shared/protocols/ownership/redis/redis.ts';
import type { RedisShape } from '../../../shared/protocols/ownership/redis/types.ts';
import type { Protocol } from '../../../shared/sim/protocol.ts';

/** Wrong: a master gives its vote to everyone who asks, as often as it is asked. */
export const votesForAnybody: Protocol<RedisShape> = {
  ...redis,
  step(state, input, ambient) {
    const outputs = redis.step(state, input, ambient);
    if (input.kind !== 'message' || input.message.kind !== 'bus') return outputs;
    const { head, body } = input.message;
    if (body.kind !== 'vote-request' || !state.durable.owners.includes(state.self)) return outputs;
    const vote = {
      currentEpoch: head.currentEpoch,
      claim: { configEpoch: 0, ranges: [] },
      master: null,
      offset: 0,
    };
    return [
      ...outputs,
      { kind: 'send', to: input.from, message: { kind: 'bus', head: vote, body: { kind: 'vote' } } },
    ];
  },
};
