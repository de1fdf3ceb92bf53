import { keysOf } from '../../../shared/base/table.ts';
import { dynamoDb } from '../../../shared/protocols/consensus/dynamodb/dynamodb.ts';
import type { DynamoDbShape } from '../../../shared/protocols/consensus/dynamodb/types.ts';
import type { Protocol } from '../../../shared/sim/protocol.ts';

/** Wrong: who has been leader believes to be it still, whether or not anybody has answered its heartbeats. */
export const readsWithoutLease: Protocol<DynamoDbShape> = {
  ...dynamoDb,
  step(state, input, ambient) {
    for (const id of keysOf(state.groups)) {
      const group = state.groups[id];
      if (group?.role !== 'leader') continue;
      group.confirmed = group.tick;
      group.confirmedAt = ambient.now;
    }
    return dynamoDb.step(state, input, ambient);
  },
};
