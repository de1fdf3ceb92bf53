import { dynamoDbFuzz } from '../support/dynamodb-fuzz.ts';
import { inTurn, longFuzz } from '../support/long-fuzz.ts';

const modes = [
  dynamoDbFuzz(),
  dynamoDbFuzz({ mode: 'global-eventual' }),
  dynamoDbFuzz({ mode: 'global-strong' }),
];

longFuzz('DynamoDB keeps what each mode promises under faults', inTurn(modes));
