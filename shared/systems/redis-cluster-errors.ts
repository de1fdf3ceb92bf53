import { jedisDriver } from '../protocols/ownership/redis/jedis-driver.ts';
import { JEDIS_ERRORS } from '../protocols/ownership/redis/jedis-client.ts';
import { IO_ERROR } from '../protocols/ownership/redis/migrate.ts';
import { TOOL_ERRORS } from '../protocols/ownership/redis/redis-cli.ts';
import { CHECK_ERRORS } from '../protocols/ownership/redis/redis-cli-check.ts';
import { FIX_ERRORS } from '../protocols/ownership/redis/redis-cli-fix.ts';
import { PLAN_ERRORS } from '../protocols/ownership/redis/redis-cli-plan.ts';
import { UNBLOCKED } from '../protocols/ownership/redis/replication.ts';
import { REFUSALS } from '../protocols/ownership/redis/serve.ts';
import type { ErrorEntry } from './system.ts';

/** The literal errors of Redis, of Jedis, and of redis-cli's cluster manager; `…` stands for names and numbers. */
export const REDIS_ERRORS: readonly ErrorEntry[] = [
  {
    error: REFUSALS.down,
    when: 'The node reaches no majority of the masters, or some slot has no working master and full coverage is required. After an attempt without an answer the outcome is unknown.',
    class: 'fail',
  },
  {
    error: REFUSALS.readsOnly,
    when: 'The same for a write where reads are allowed when down.',
    class: 'fail',
  },
  {
    error: REFUSALS.unassigned,
    when: 'The node knows no owner of the slot: it lost its disk, and with it its place in the cluster.',
    class: 'fail',
  },
  {
    error: REFUSALS.fewReplicas,
    when: 'Fewer replicas than min-replicas-to-write were heard from within the lag.',
    class: 'fail',
  },
  {
    error: REFUSALS.replica,
    when: 'The slot’s owner is a replica: a fix gave it the slot after a failover or a reshard had made it one.',
    class: 'fail',
  },
  {
    error: REFUSALS['wrong type'],
    when: 'The key holds another type, say a set where a counter was meant.',
    class: 'fail',
  },
  { error: REFUSALS['not an integer'], when: 'An increment of what is no whole number.', class: 'fail' },
  {
    error: JEDIS_ERRORS.deadline,
    when: 'The client has tried for 10 seconds; the master does not answer. A read has then certainly failed.',
    class: 'info',
  },
  {
    error: JEDIS_ERRORS.noAttempts,
    when: 'The client has tried five times. A read has then certainly failed.',
    class: 'info',
  },
  {
    error: JEDIS_ERRORS.readTimeout,
    when: 'WAIT was not answered in time: the write is at the master.',
    class: 'info',
  },
  {
    error: JEDIS_ERRORS.endOfStream,
    when: 'The node crashed before it had answered.',
    class: 'info',
  },
  { error: UNBLOCKED, when: 'The master became a replica while WAIT went on.', class: 'info' },
  { error: jedisDriver.refused, when: 'The node is down: nobody listens.', class: 'fail' },
  {
    error: `… ${PLAN_ERRORS.reshard}`,
    when: 'reshard: the check before it found one of the following.',
    class: 'fail',
  },
  {
    error: CHECK_ERRORS.disagree,
    when: 'join: some nodes have not heard yet who has which slots, or cannot.',
    class: 'fail',
  },
  {
    error: `${CHECK_ERRORS.disagree} …`,
    when: 'join: the same, and one of the following besides.',
    class: 'fail',
  },
  {
    error: '[WARNING] Node … has slots in … state ….',
    when: 'join: an earlier reshard was broken off. A reshard with fix closes the slots.',
    class: 'fail',
  },
  {
    error: CHECK_ERRORS.uncovered,
    when: 'join: slots are nobody’s, or their master cannot be asked.',
    class: 'fail',
  },
  {
    error: PLAN_ERRORS.unknownTarget('…'),
    when: 'reshard: the node that is to have the slot is a replica, or nobody there.',
    class: 'fail',
  },
  { error: PLAN_ERRORS.sameNode, when: 'reshard: the node has the slot already.', class: 'fail' },
  {
    error: FIX_ERRORS.cannotFix('…', '…', '…', '…'),
    when: 'reshard with fix: several nodes say that they move the slot.',
    class: 'fail',
  },
  {
    error: FIX_ERRORS.unreachable('…'),
    when: 'reshard with fix: slots are nobody’s, and a master that may have them cannot be asked.',
    class: 'fail',
  },
  {
    error: 'clusterManagerMoveSlot failed: …',
    when: 'reshard: a node refused a CLUSTER SETSLOT. The slot stays open.',
    class: 'info',
  },
  {
    error: IO_ERROR,
    when: 'reshard: the target did not answer MIGRATE within 60 seconds, in which the source served nobody. The slot stays open.',
    class: 'info',
  },
  {
    error: 'ERR Target instance replied with error: …',
    when: 'reshard: the target did not take a key. The slot stays open.',
    class: 'info',
  },
  {
    error: '*** Found … key(s) in both source node and target node having different values.',
    when: 'reshard: after a failover both nodes have the key.',
    class: 'info',
  },
  {
    error: PLAN_ERRORS.notEmptyNew('…'),
    when: 'join: the node belongs to a cluster already, or keeps data.',
    class: 'fail',
  },
  {
    error: PLAN_ERRORS.noSuchNode('…'),
    when: 'leave: the cluster does not know the node, or it is down.',
    class: 'fail',
  },
  { error: PLAN_ERRORS.notEmpty('…'), when: 'leave: the node has slots.', class: 'fail' },
  {
    error: "ERR Can't forget my master!",
    when: 'leave: a replica of the node was not told to follow another.',
    class: 'info',
  },
  { error: 'ERR Unknown node …', when: 'leave: a node has forgotten the other already.', class: 'info' },
  {
    error: "ERR CLUSTER RESET can't be called with master nodes containing keys",
    when: 'leave: the node still keeps data.',
    class: 'info',
  },
  {
    error: 'ERR To set a master the node must be empty and without assigned slots.',
    when: 'join as a replica, leave: the node that is to follow another has slots again, or keeps data.',
    class: 'info',
  },
  {
    error: 'ERR I can only replicate a master, not a replica.',
    when: 'join as a replica, leave: the node to follow has become a replica meanwhile.',
    class: 'info',
  },
  { error: 'MOVED …', when: 'reshard: the slot has another owner meanwhile.', class: 'info' },
  { error: TOOL_ERRORS.refused, when: 'The node that the tool asks first is down.', class: 'fail' },
  { error: TOOL_ERRORS.timedOut, when: 'The node that the tool asks first does not answer.', class: 'fail' },
  { error: TOOL_ERRORS.lost, when: 'A node died while the tool waited for its answer.', class: 'info' },
  { error: TOOL_ERRORS.silent, when: 'A node did not answer for a quarter of an hour.', class: 'info' },
];
