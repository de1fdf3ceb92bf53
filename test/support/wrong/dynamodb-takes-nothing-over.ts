import { dynamoDb } from '../../../shared/protocols/consensus/dynamodb/dynamodb.ts';
import type { DynamoDbShape } from '../../../shared/protocols/consensus/dynamodb/types.ts';
import type { Protocol } from '../../../shared/sim/protocol.ts';

/** Wrong: a new leader does not look at what those who promised had accepted. */
export const takesNothingOver: Protocol<DynamoDbShape> = {
  ...dynamoDb,
  step(state, input, ambient) {
    if (input.kind !== 'message' || input.message.kind !== 'promise') {
      return dynamoDb.step(state, input, ambient);
    }
    return dynamoDb.step(state, { ...input, message: { ...input.message, items: {} } }, ambient);
  },
};
