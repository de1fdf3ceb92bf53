import type { ErrorEntry } from './system.ts';

/** Texts of the DataStax Java driver, and of the server where the driver passes its text on. */
export const CASSANDRA_ERRORS: readonly ErrorEntry[] = [
  {
    error: 'Not enough replica available for query at consistency QUORUM (2 required but only 1 alive)',
    when: 'The coordinator takes too many replicas of the key to be down and sends nothing.',
    class: 'fail',
  },
  {
    error:
      'Cassandra timeout during SIMPLE write query at consistency QUORUM (2 replica were required but only 1 acknowledged the write)',
    when: 'Too few replicas have confirmed a write in 2 s. It is not taken back where it has arrived.',
    class: 'info',
  },
  {
    error:
      'Cassandra timeout during COUNTER write query at consistency QUORUM (2 replica were required but only 1 acknowledged the write)',
    when: 'Too few replicas have confirmed an increment in 5 s. Asked again it may count twice.',
    class: 'info',
  },
  {
    error:
      'Cassandra timeout during CAS write query at consistency SERIAL (2 replica were required but only 1 acknowledged the write)',
    when: 'The Paxos rounds of a conditional write got too few answers, or others got in the way for too long.',
    class: 'info',
  },
  {
    error: 'CAS operation result is unknown - proposal accepted by 1 but not a quorum.',
    when: 'A minority has accepted a conditional write: the next transaction on the key may complete it.',
    class: 'info',
  },
  {
    error:
      'Cassandra timeout during read query at consistency QUORUM (2 responses were required but only 1 replica responded)',
    when: 'Too few replicas have answered a read in 5 s.',
    class: 'fail',
  },
  {
    error:
      "Cassandra timeout during read query at consistency QUORUM (the replica queried for data didn't respond)",
    when: 'Digests have arrived in 5 s, the row itself has not.',
    class: 'fail',
  },
  {
    error:
      'Cassandra timeout during read query at consistency QUORUM (timeout while waiting for repair of inconsistent replica)',
    when: 'Replicas disagreed, and one of them did not take the repair in time.',
    class: 'fail',
  },
  {
    error: 'ANY ConsistencyLevel is only supported for writes',
    when: 'A read at level ANY.',
    class: 'fail',
  },
  {
    error: 'You must use conditional updates for serializable writes',
    when: 'A write at level SERIAL without a condition.',
    class: 'fail',
  },
  {
    error: 'Endpoint not alive: n3',
    when: 'nodetool repair: a node that shares keys with this one is thought down.',
    class: 'fail',
  },
  {
    error: 'Did not get replies from all endpoints. List of failed endpoint(s): [n3]',
    when: 'nodetool repair: a node has not answered in time. What was exchanged until then stays.',
    class: 'info',
  },
  {
    error: 'All host(s) tried for query failed (no host was tried)',
    when: 'The node is down.',
    class: 'fail',
  },
  {
    error: 'Connection has been closed',
    when: 'The node crashed while it worked on the operation.',
    class: 'info',
  },
];
