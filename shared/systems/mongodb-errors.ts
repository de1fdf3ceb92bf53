import { mongoDriver } from '../protocols/consensus/mongodb/driver.ts';
import type { ErrorEntry } from './system.ts';

/** What MongoDB's server and its Node.js driver report, word for word. */
export const MONGODB_ERRORS: readonly ErrorEntry[] = [
  {
    error: 'Server selection timed out after 30000 ms',
    when: 'No server that suits the operation was known all that time: for a write, no primary.',
    class: 'fail',
  },
  {
    error: 'Server selection timed out after 30000 ms',
    when: 'The same, of the second attempt of a write whose first may have been carried out.',
    class: 'info',
  },
  {
    error: 'Primary stepped down while waiting for replication',
    when: 'The primary had the write and waited for others when it stepped down (code 189).',
    class: 'info',
  },
  {
    error: 'waiting for replication timed out',
    when: 'wtimeout has passed (code 64). The primary has the write and keeps it.',
    class: 'info',
  },
  {
    error: 'Not enough data-bearing nodes',
    when: 'w asks for more members than hold data (code 100). The primary has the write all the same.',
    class: 'info',
  },
  {
    error: 'not primary',
    when: 'The write came to a member that is not primary, and so did its second attempt (code 10107).',
    class: 'fail',
  },
  {
    error: 'not primary and secondaryOk=false',
    when: 'A read of the primary came to a member that is none (code 13435).',
    class: 'fail',
  },
  {
    error: 'not primary or secondary; cannot currently read from this replSet member',
    when: 'The member rolls back or copies everything anew (code 13436).',
    class: 'fail',
  },
  {
    error: 'cannot satisfy linearizable read concern on non-primary node',
    when: 'A linearizable read was sent to a secondary (code 10107).',
    class: 'fail',
  },
  {
    error: 'operation exceeded time limit',
    when: 'maxTimeMS has passed while a linearizable read waited for a majority, or one in a causal session for the member to catch up (code 50).',
    class: 'fail',
  },
  {
    error: 'afterClusterTime field can be set only if level is equal to majority, local, or snapshot',
    when: 'A read in a causal session with readConcern available or linearizable (code 72).',
    class: 'fail',
  },
  {
    error: 'Connection to n2:27017 interrupted due to server monitor timeout',
    when: 'The member has not answered its monitor for 40 seconds, and another attempt has failed as well.',
    class: 'info',
  },
  {
    error: 'connection 1 to n2:27017 closed',
    when: 'The process of the member died while the operation was under way there.',
    class: 'info',
  },
  {
    error: 'E11000 duplicate key error collection: test.class index: _id_ dup key: { _id: "x" }',
    when: 'A write that expected nothing under the key found a document (code 11000).',
    class: 'fail',
  },
  {
    error: `Cannot apply $inc to a value of non-numeric type. {_id: "x"} has the field 'value' of non-numeric type string`,
    when: 'What is there cannot be counted (code 14).',
    class: 'fail',
  },
  {
    error: `The field 'value' must be an array but is of type string in document {_id: "x"}`,
    when: 'What is there is no list to append to (code 2).',
    class: 'fail',
  },
  {
    error: "Cannot apply $addToSet to non-array field. Field named 'value' has non-array type string",
    when: 'What is there is no set to add to (code 2).',
    class: 'fail',
  },
  {
    error: 'Cannot apply $pull to a non-array value',
    when: 'What is there is no set to remove from (code 2).',
    class: 'fail',
  },
  {
    error:
      'Cannot run replSetReconfig because the current config: {version: 2, term: 1} is not majority committed.',
    when: 'The configuration before is not yet on a majority, or what was committed is not yet on a majority of it (code 308).',
    class: 'fail',
  },
  {
    error:
      'Quorum check failed because not enough voting nodes responded; required 2 but only the following 1 voting nodes responded: n1:27017',
    when: 'The primary hears fewer voters of the new configuration than a majority (code 74).',
    class: 'fail',
  },
  {
    error:
      'No host described in new configuration with {version: 2, term: 1} for replica set rs0 maps to this node',
    when: 'The primary itself is to leave: it must step down first (code 74).',
    class: 'fail',
  },
  {
    error: 'Replica set configuration contains 8 voting members, but must be at least 1 and no more than 7',
    when: 'An eighth voter is to join: it may with votes: 0 (code 103).',
    class: 'fail',
  },
  {
    error:
      'Found two member configurations with same host field, members.0.host == members.3.host == n1:27017',
    when: 'The node that is to join is a member (code 103).',
    class: 'fail',
  },
  {
    error: `Couldn't find n4:27017 in ["n1:27017","n2:27017","n3:27017"]`,
    when: 'The node that is to leave is no member: rs.remove() does not find it.',
    class: 'fail',
  },
  {
    error: 'Safe reconfig is only allowed on a writable PRIMARY. Current state SECONDARY',
    when: 'The member that was asked is primary no longer (code 10107).',
    class: 'fail',
  },
  {
    error: 'Reconfig finished but failed to propagate to a majority :: caused by :: Primary stepped down',
    when: 'The primary stepped down before a majority had the configuration (code 189).',
    class: 'info',
  },
  { error: mongoDriver.refused, when: 'The node is down: nobody listens.', class: 'fail' },
  { error: mongoDriver.interrupted, when: 'The node crashed before it had answered.', class: 'info' },
];
