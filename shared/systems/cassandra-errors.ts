import { MOVEMENT_ERRORS, REMOVAL_ERRORS } from '../protocols/quorum/cassandra/movement-errors.ts';
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
  {
    error: MOVEMENT_ERRORS.noPeers,
    when: 'join: nobody has answered the new node for half a minute.',
    class: 'fail',
  },
  { error: MOVEMENT_ERRORS.others, when: 'join: another node is on its way in or out.', class: 'fail' },
  {
    error: MOVEMENT_ERRORS.exists('n1'),
    when: 'join: the node is a member, also when it has lost its disk.',
    class: 'fail',
  },
  {
    error: MOVEMENT_ERRORS.sourceDown('n1'),
    when: 'join: who loses a range to the new node is down. It stays on its way in.',
    class: 'info',
  },
  {
    error: MOVEMENT_ERRORS.bootstrap,
    when: 'join: rows did not arrive for five minutes, or who was to send them has left. It stays on its way in, and may be asked again.',
    class: 'info',
  },
  { error: MOVEMENT_ERRORS.pointless, when: 'leave: it is the only node.', class: 'fail' },
  {
    error: MOVEMENT_ERRORS.tooFew(3, 3),
    when: 'leave: fewer nodes than replicas would be left.',
    class: 'fail',
  },
  { error: MOVEMENT_ERRORS.moving, when: 'leave: the node is being given rows itself.', class: 'fail' },
  {
    error: MOVEMENT_ERRORS.state('LEAVING'),
    when: 'The node is on its way in or out already, or has left.',
    class: 'fail',
  },
  {
    error: MOVEMENT_ERRORS.stream,
    when: 'leave: who is to have the rows is down, has left or cannot be reached. It stays on its way out.',
    class: 'info',
  },
  {
    error: REMOVAL_ERRORS.stranger,
    when: 'leave with removenode: no member has that name, or not any more.',
    class: 'fail',
  },
  {
    error: REMOVAL_ERRORS.noMember,
    when: 'leave with removenode: the node is on its way in only.',
    class: 'fail',
  },
  { error: REMOVAL_ERRORS.self, when: 'leave with removenode, asked at the node itself.', class: 'fail' },
  {
    error: REMOVAL_ERRORS.alive('n1'),
    when: 'leave with removenode: the node is up, as far as it is known where it is asked.',
    class: 'fail',
  },
  {
    error: REMOVAL_ERRORS.busy,
    when: 'leave with removenode: another removal that was asked at the same node has not ended.',
    class: 'fail',
  },
  {
    error: REMOVAL_ERRORS.changed('n1'),
    when: 'leave with removenode: the node has started again within half a minute. It stays.',
    class: 'fail',
  },
  {
    error: REMOVAL_ERRORS.changed('n1'),
    when: 'leave with removenode: the node, which was up all the same, has changed its place in the ring meanwhile.',
    class: 'info',
  },
  {
    error: REMOVAL_ERRORS.noServer,
    when: 'leave with removenode, asked where no server runs: at a spare machine.',
    class: 'fail',
  },
  {
    error: 'ssh: connect to host n1 port 22: Connection timed out',
    when: 'join, leave: the node cannot be reached from where it is asked.',
    class: 'fail',
  },
  {
    error: 'client_loop: send disconnect: Broken pipe',
    when: 'join, leave: the node could not be reached any more, and may go on by itself; or it has crashed.',
    class: 'info',
  },
];
