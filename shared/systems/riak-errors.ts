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
  { error: riakDriver.refused, when: 'The node is down: nobody listens.', class: 'fail' },
  { error: riakDriver.interrupted, when: 'The node crashed before it had answered.', class: 'info' },
];
