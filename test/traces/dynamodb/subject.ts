import { dynamodb } from '../../../shared/systems/dynamodb.ts';
import { resolveKnobs } from '../../../shared/systems/system.ts';
import type { TraceSubject } from '../../support/trace.ts';

/** DynamoDB's traces: one partition, which n1 leads in the beginning. */
export const dynamoDbTraces: TraceSubject = {
  protocol: dynamodb.protocol,
  driver: dynamodb.driver,
  knobs: resolveKnobs(dynamodb, { partitions: 1 }, 3),
};
