import { couchDriver } from '../protocols/exchange/couchdb-driver.ts';
import {
  BAD_REVISION,
  CONFLICT,
  DELETED,
  LAST_COPY,
  MISSING,
  NO_DATABASE,
  NO_SHARDS,
  NOBODY_READ,
  NOBODY_WROTE,
  NOT_A_LIST,
  NOT_IN_SYNC,
  SSH_TIMED_OUT,
  TIMED_OUT,
  TIMEOUT,
} from '../protocols/exchange/errors.ts';
import type { ErrorEntry } from './system.ts';

/** CouchDB's HTTP answers (chttpd.erl, fabric_doc_update.erl, fabric_doc_open.erl), and Node's HTTP client's own. */
export const COUCHDB_ERRORS: readonly ErrorEntry[] = [
  {
    error: CONFLICT,
    when: 'Every copy that answered has a newer revision than the one that the write names. Conflicts elsewhere are not known.',
    class: 'fail',
  },
  {
    error: CONFLICT,
    when: 'The copies that answered have refused the write, and another was lost before it answered: it may have taken it.',
    class: 'info',
  },
  { error: MISSING, when: 'There is no such document, or no such revision.', class: 'fail' },
  { error: DELETED, when: 'The document to be deleted is deleted already.', class: 'fail' },
  { error: BAD_REVISION, when: 'What `rev` names is no revision.', class: 'fail' },
  {
    error: TIMEOUT,
    when: 'A read has found no quorum in 60 s: a copy is silent and not yet known to be away.',
    class: 'fail',
  },
  {
    error: TIMEOUT,
    when: 'A replication that was asked for cannot reach a target. What has arrived stays there.',
    class: 'info',
  },
  { error: NOBODY_READ, when: 'All copies of the document are away: it cannot be read.', class: 'fail' },
  { error: NOBODY_WROTE, when: 'All copies of the document are away: nothing was written.', class: 'fail' },
  {
    error: NOBODY_WROTE,
    when: 'No copy has answered a write before it was lost or 60 s had passed.',
    class: 'info',
  },
  { error: NO_SHARDS, when: 'No copy of any shard can be reached from this node.', class: 'fail' },
  { error: NOT_A_LIST, when: 'An application adds to a document that holds something else.', class: 'fail' },
  {
    error: NO_DATABASE,
    when: 'The node runs and has joined no cluster yet, or has just been told of one.',
    class: 'fail',
  },
  {
    error: CONFLICT,
    when: 'join: it is a node of the cluster, or replicates with the other already, and no shard is left to be moved to it.',
    class: 'fail',
  },
  {
    error: MISSING,
    when: 'leave: it has never been a node of the cluster, does not run, or replicates to nobody.',
    class: 'fail',
  },
  { error: DELETED, when: 'leave: it is a node of the cluster no more.', class: 'fail' },
  {
    error: LAST_COPY,
    when: 'leave: it has the only copy of a shard, and there is nobody else.',
    class: 'fail',
  },
  {
    error: CONFLICT,
    when: 'join, leave: what was changed in the shard map has been changed back, so somebody else is at it, too.',
    class: 'info',
  },
  {
    error: SSH_TIMED_OUT('n1'),
    when: 'join: the machine cannot be reached for five minutes; nothing was changed.',
    class: 'fail',
  },
  {
    error: TIMED_OUT,
    when: 'A node that an administrator has to ask is not there for five minutes. Steps that were done are not undone, and the same operation goes on from there.',
    class: 'info',
  },
  { error: TIMED_OUT, when: 'The same, before anything was changed.', class: 'fail' },
  {
    error: NOT_IN_SYNC,
    when: 'For five minutes some copy of a shard that is moved has lacked what others have; or a server that leaves, or one that it sends to, cannot be reached by the other.',
    class: 'info',
  },
  { error: NOT_IN_SYNC, when: 'The same, before anything was changed.', class: 'fail' },
  {
    error: couchDriver.refused,
    when: 'The node is down, or CouchDB does not run there: a spare machine, or one that has left.',
    class: 'fail',
  },
  { error: couchDriver.interrupted, when: 'The node crashed before it had answered.', class: 'info' },
];
