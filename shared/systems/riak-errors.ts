import { ADMIN_ERRORS } from '../protocols/quorum/riak/admin-errors.ts';
import { riakDriver } from '../protocols/quorum/riak/driver.ts';
import type { ErrorEntry } from './system.ts';

/** Bodies of Riak KV's HTTP answers (riak_kv_wm_object.erl, riak_kv_wm_crdt.erl), or the reason where it dumps that. */
export const riakErrors: readonly ErrorEntry[] = [
  {
    error: 'PR-value unsatisfied: 1/2',
    when: '503: fewer primaries are up than pr demands.',
    class: 'fail',
  },
  {
    error: 'PW-value unsatisfied: 1/2',
    when: '503: fewer primaries are up than pw demands. Nothing was written.',
    class: 'fail',
  },
  {
    error: 'node_confirms-value unsatisfied: 1/2',
    when: '503: all vnodes have the write, but they are on fewer nodes than node_confirms demands. They keep it.',
    class: 'info',
  },
  {
    error: 'request timed out',
    when: '503: 60 seconds have passed, and not enough vnodes have answered a write. Those that have it keep it.',
    class: 'info',
  },
  {
    error: 'request timed out',
    when: '503: 60 seconds have passed, and not enough vnodes have answered a read.',
    class: 'fail',
  },
  {
    error: 'Specified r/pr values invalid for bucket n value of 3',
    when: '400: r or pr is more than n.',
    class: 'fail',
  },
  {
    error: 'Specified w/dw/pw/node_confirms values invalid for bucket n value of 3',
    when: '400: w, dw, pw or node_confirms is more than n.',
    class: 'fail',
  },
  {
    error: '{insufficient_vnodes,1,need,2}',
    when: '500: so few nodes are up that there are not enough vnodes to ask.',
    class: 'fail',
  },
  {
    error: '{too_many_siblings,101}',
    when: '500: the write would leave more than 100 siblings.',
    class: 'fail',
  },
  {
    error: `Invalid operation on datatype 'counter': "write"`,
    when: '400: the data type has no such operation.',
    class: 'fail',
  },
  {
    error: ADMIN_ERRORS.alreadyMember,
    when: 'join: the node is a member, and not one that is only staged.',
    class: 'fail',
  },
  {
    error: ADMIN_ERRORS.alreadyMember,
    when: 'join: the same, when the node was told more than once: it may have joined at the first.',
    class: 'info',
  },
  {
    error: ADMIN_ERRORS.notReachable('riak@n1'),
    when: 'join: the same.',
    class: 'info',
  },
  {
    error: ADMIN_ERRORS.notRunning,
    when: 'join, leave: the member where it was asked has left before there was a plan.',
    class: 'info',
  },
  { error: ADMIN_ERRORS.selfJoin, when: 'join: asked from the node itself.', class: 'fail' },
  {
    error: ADMIN_ERRORS.notReachable('riak@n1'),
    when: 'join: the new node does not reach the member whose cluster it is to join, or Riak does not run there.',
    class: 'fail',
  },
  {
    error: ADMIN_ERRORS.cannotPlan,
    when: 'join, leave: for a minute not all members have seen the ring, because one is down or cut off. The change stays staged, and whoever commits next carries it out.',
    class: 'info',
  },
  {
    error: ADMIN_ERRORS.cannotCommit,
    when: 'join, leave: the same, noticed after the plan.',
    class: 'info',
  },
  {
    error: ADMIN_ERRORS.planChanged,
    when: 'join, leave: for a minute others have changed what is staged after each plan.',
    class: 'info',
  },
  {
    error: ADMIN_ERRORS.unableToCommit,
    when: 'join, leave: for a minute the node that is taken for the claimant is not it any more.',
    class: 'info',
  },
  {
    error: ADMIN_ERRORS.nothingPlanned,
    when: 'join, leave: for a minute others have committed, or the claimant restarted, after each plan.',
    class: 'info',
  },
  {
    error: ADMIN_ERRORS.nothingStaged,
    when: 'join, leave: what was staged is gone: somebody else has committed it, or the claimant was restarted; or for a minute the claimant has not heard of the new node.',
    class: 'info',
  },
  {
    error: ADMIN_ERRORS.claimantLost('riak@n2', 'riak@n1', 'plan'),
    when: 'join, leave: the claimant is down, and only it can plan and commit.',
    class: 'info',
  },
  {
    error: ADMIN_ERRORS.timeout('riak@n2'),
    when: 'join, leave: the claimant has not answered for a minute, and has not been given up yet.',
    class: 'info',
  },
  {
    error: ADMIN_ERRORS.leaveFailed,
    when: 'leave: the claimant is down; it may have staged the change before.',
    class: 'info',
  },
  {
    error: ADMIN_ERRORS.notMember('riak@n1'),
    when: 'leave: the node has left before, or never joined.',
    class: 'fail',
  },
  { error: ADMIN_ERRORS.onlyMember('riak@n1'), when: 'leave: nobody would be left.', class: 'fail' },
  {
    error: ADMIN_ERRORS.alreadyLeaving('riak@n1'),
    when: 'leave: it is on its way out, and hands off what it has.',
    class: 'fail',
  },
  {
    error: ADMIN_ERRORS.notRunning,
    when: 'join, leave: asked at a machine that belongs to no cluster: Riak does not run there.',
    class: 'fail',
  },
  {
    error: 'ssh: connect to host n1 port 22: Connection timed out',
    when: 'join: the new machine cannot be reached from where it is asked.',
    class: 'fail',
  },
  {
    error: riakDriver.refused,
    when: 'The node is down, or belongs to no cluster: nobody listens.',
    class: 'fail',
  },
  { error: riakDriver.interrupted, when: 'The node crashed before it had answered.', class: 'info' },
];
