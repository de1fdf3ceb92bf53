import { redis } from '../../../shared/protocols/ownership/redis/redis.ts';
import type { RedisShape, RedisState } from '../../../shared/protocols/ownership/redis/types.ts';
import type { Input, Protocol } from '../../../shared/sim/protocol.ts';

/** Wrong: SETSLOT NODE is told to the new owner of a slot alone, which takes no new epoch for it. */
export const tellsOneSide: Protocol<RedisShape> = {
  ...redis,
  step(state, input, ambient) {
    const assigned = assignedBy(input);
    if (assigned === null) return redis.step(state, input, ambient);
    if (assigned !== state.self && input.kind === 'request') {
      return [{ kind: 'reply', to: input.from, id: input.id, reply: { kind: 'ok' } }];
    }
    const before = epochsOf(state);
    const outputs = redis.step(state, input, ambient);
    Object.assign(state.durable, { currentEpoch: before.currentEpoch });
    const self = state.durable.members[state.self];
    if (self !== undefined) self.configEpoch = before.configEpoch;
    // The pong that would tell everybody carries the epoch: it is not sent.
    return outputs.filter(({ kind }) => kind !== 'send');
  },
};

function assignedBy(input: Input<RedisShape>): string | null {
  if (input.kind !== 'request' || input.request.kind !== 'setslot') return null;
  return input.request.to === 'node' ? input.request.node : null;
}

function epochsOf({ self, durable }: RedisState) {
  return { currentEpoch: durable.currentEpoch, configEpoch: durable.members[self]?.configEpoch ?? 0 };
}
