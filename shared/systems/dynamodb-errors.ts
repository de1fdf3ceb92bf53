import {
  CONDITION_FAILED,
  dynamoDbDriver,
  INTERNAL_ERROR,
  UNAVAILABLE,
  WRITE_CONFLICT,
  WRONG_TYPE,
} from '../protocols/consensus/dynamodb/driver.ts';
import type { ErrorEntry } from './system.ts';

/** As SDKs show them: the code, and the service's message (developer guide, Programming.Errors). */
export const DYNAMODB_ERRORS: readonly ErrorEntry[] = [
  { error: CONDITION_FAILED, when: '400: the item is not as the condition says.', class: 'fail' },
  {
    error: CONDITION_FAILED,
    when: '400, after an attempt without an answer: that attempt may be what the condition met.',
    class: 'info',
  },
  {
    error: WRITE_CONFLICT,
    when: '400: with multi-Region strong consistency another Region is writing the same item right now.',
    class: 'fail',
  },
  { error: WRITE_CONFLICT, when: 'The same, after an attempt without an answer.', class: 'info' },
  { error: WRONG_TYPE, when: '400: ADD meets a value that is no number, or no set.', class: 'fail' },
  { error: WRONG_TYPE, when: 'The same, after an attempt without an answer.', class: 'info' },
  {
    error: INTERNAL_ERROR,
    when: '500: a write got no answer in time. It may have been done.',
    class: 'info',
  },
  {
    error: UNAVAILABLE,
    when: '503: no replica that could be asked leads the partition, or, of a read, none has answered.',
    class: 'fail',
  },
  {
    error: UNAVAILABLE,
    when: '503, after an attempt without an answer, which may have been done.',
    class: 'info',
  },
  { error: dynamoDbDriver.refused, when: 'The node is down.', class: 'fail' },
  { error: dynamoDbDriver.interrupted, when: 'The node crashed before it had answered.', class: 'info' },
];
