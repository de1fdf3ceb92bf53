import { JOB_ERRORS } from '../protocols/quorum/voldemort/job-errors.ts';
import type { ErrorEntry } from './system.ts';

/**
 * What Voldemort's client throws and its tools print, with names for numbers. All are in its source; of the last ones
 * see job-errors.ts.
 */
export const voldemortErrors: readonly ErrorEntry[] = [
  {
    error:
      'Only 1 nodes up in preference list, but 2 required. Replication set: [n1, n2, n3]Nodes down: [n2, n3]',
    when: 'The client has given up too many owners of the key and sends nothing.',
    class: 'fail',
  },
  {
    error: '2 gets required, but only 1 succeeded',
    when: 'Too few owners have answered a read; also of the read with which a write begins.',
    class: 'fail',
  },
  {
    error: '2 puts required, but only 1 succeeded',
    when: 'Too few owners have taken a write. Those keep it, and reads will spread it.',
    class: 'info',
  },
  {
    error: '2 deletes required, but only 1 succeeded',
    when: 'Too few owners have confirmed a delete.',
    class: 'info',
  },
  {
    error: 'No master node succeeded!',
    when: 'No owner has confirmed a write; one may have taken it all the same.',
    class: 'info',
  },
  {
    error:
      'Key order version(n1:1) is obsolete, it is no greater than the current version of version(n1:1, n2:1).',
    when: 'ObsoleteVersionException: the key has been written since it was read.',
    class: 'fail',
  },
  {
    error:
      'Key order version(n2:1) is obsolete, it is no greater than the current version of version(n1:1, n2:1).',
    when: 'The same after another owner was asked, which did not answer: it may have taken the write.',
    class: 'info',
  },
  {
    error: 'Unresolved versions returned from get(order) = [milk, tea]',
    when: 'InconsistentDataException: the resolver leaves several versions, and the client wants one.',
    class: 'fail',
  },
  {
    error: '3 metadata refresh attempts failed.',
    when: 'Three times a server was no owner of the key by its own cluster.xml, and each time the client has asked for another: servers disagree.',
    class: 'fail',
  },
  {
    error: '3 metadata refresh attempts failed.',
    when: 'The same of a write, which a server may have taken before.',
    class: 'info',
  },
  {
    error: JOB_ERRORS.noServers,
    when: "BootstrapFailureException: a server has told that the client's cluster.xml is not right any more, and none answers that has another. Also of join and leave.",
    class: 'fail',
  },
  {
    error: JOB_ERRORS.noServers,
    when: 'The same of a write, which a server may have taken before.',
    class: 'info',
  },
  {
    error: JOB_ERRORS.silent('n1'),
    when: 'join, leave: a server does not tell its cluster.xml within a minute. Nothing was changed.',
    class: 'fail',
  },
  {
    error: JOB_ERRORS.check,
    when: 'join, leave: servers have different cluster.xml files, as an earlier change has failed half-way. Nothing was changed.',
    class: 'fail',
  },
  {
    error: JOB_ERRORS.busy('n1'),
    when: 'join, leave: a server still has partitions to fetch, because another change is under way or has failed. Nothing was changed.',
    class: 'fail',
  },
  { error: JOB_ERRORS.member('n1'), when: 'join: it has joined before.', class: 'fail' },
  { error: JOB_ERRORS.stranger('n1'), when: 'leave: it has left before, or never joined.', class: 'fail' },
  {
    error: JOB_ERRORS.tooFew(2, 3),
    when: 'leave: fewer nodes than copies would be left.',
    class: 'fail',
  },
  {
    error: JOB_ERRORS.unreachable('n1'),
    when: 'join, leave: a server does not take a cluster.xml in which the node is new, or is gone, or does not do what the command says. What others had taken was set back, as far as they answer.',
    class: 'info',
  },
  {
    error: JOB_ERRORS.change(0, 'n1'),
    when: 'join, leave: a server has not changed with the others, and those that had go back, as far as they answer.',
    class: 'info',
  },
  {
    error: JOB_ERRORS.tasks(0, [{ stealer: 'n2', donor: 'n1', partitions: [] }]),
    when: 'join, leave: partitions could not be fetched. All servers go back to the former cluster.xml, as far as they answer, and those that had to fetch stay in the rebalancing state.',
    class: 'info',
  },
  { error: 'Connection refused', when: 'The node is down.', class: 'fail' },
  { error: 'Connection reset', when: 'The node crashed while it worked on the operation.', class: 'info' },
];
