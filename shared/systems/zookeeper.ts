import { zab } from '../protocols/consensus/zab/zab.ts';
import { zooKeeperDriver } from '../protocols/consensus/zab/zookeeper-driver.ts';
import type { NodeId } from '../sim/operation.ts';
import { latestVoters, type Knobs, type SideMember, type SideStatus, type System } from './system.ts';

/** ZooKeeper: one order of changes, kept by Zab. Facts and literal errors: ZooKeeper 3.9, documentation and source. */
export const zooKeeper: System = {
  id: 'zookeeper',
  title: 'ZooKeeper (Zab)',
  summary: 'A quorum decides on every change; reads come from the memory of one server and may be old.',
  label: 'CP',
  pacelc: 'PC/EC for changes; reads are local and fast, and may be stale.',
  protocol: zab,
  driver: zooKeeperDriver,
  hasLeader: true,
  knobs: [
    {
      kind: 'integer',
      name: 'tickTime',
      text: 'The unit of the other limits; the leader pings its followers twice in each.',
      source: 'conf/zoo_sample.cfg: tickTime=2000',
      default: 2000,
      min: 100,
      max: 20_000,
      unit: 'ms',
    },
    {
      kind: 'integer',
      name: 'initLimit',
      text: 'How long a quorum may take to gather behind a new leader and to catch up.',
      source: 'conf/zoo_sample.cfg: initLimit=10',
      default: 10,
      min: 1,
      max: 100,
      unit: 'ticks',
    },
    {
      kind: 'integer',
      name: 'syncLimit',
      text: 'How long leader and follower may be silent towards each other before each gives the other up.',
      source: 'conf/zoo_sample.cfg: syncLimit=5',
      default: 5,
      min: 1,
      max: 100,
      unit: 'ticks',
    },
    {
      kind: 'integer',
      name: 'sessionTimeout',
      text: 'After how much silence a session ends, and with it its ephemeral znodes; granted between 2 and 20 ticks.',
      source: 'zkCli.sh -timeout 30000; minSessionTimeout and maxSessionTimeout: 2 and 20 times tickTime',
      default: 30_000,
      min: 200,
      max: 400_000,
      unit: 'ms',
    },
    {
      kind: 'boolean',
      name: 'readOnlyMode',
      text: 'Servers without a leader serve reads, to clients that say that this will do; the clients here do.',
      source: 'readonlymode.enabled, off by default; canBeReadOnly of the client',
      default: false,
    },
    {
      kind: 'boolean',
      name: 'reconfigEnabled',
      text: 'Whether the servers that vote may change while the ensemble runs. It is off by default: then whoever asks is told that reconfig is disabled.',
      source: 'ZooKeeper Dynamic Reconfiguration: reconfigEnabled, since 3.5.3',
      default: false,
    },
  ],
  kinds: [
    'read',
    'write',
    'delete',
    'add',
    'remove',
    'cas',
    'sync',
    'create',
    'watch',
    'lock',
    'unlock',
    'join',
    'leave',
  ],
  options: [
    {
      kind: 'choice',
      name: 'ephemeral',
      kinds: ['create'],
      choices: [false, true],
      default: false,
      text: 'Whether the znode ends with the session of whoever created it.',
    },
  ],
  errors: [
    {
      error: 'KeeperErrorCode = ConnectionLoss for /p',
      when: 'The connection to the server broke, or none could be had. Of a change nobody knows; a read has failed.',
      class: 'info',
    },
    {
      error: 'KeeperErrorCode = Session expired for /p',
      when: 'The client reached a server again, and its session was over. Its ephemeral znodes are gone.',
      class: 'fail',
    },
    {
      error: 'KeeperErrorCode = BadVersion for /p',
      when: 'Somebody changed the znode between the read and the conditional write.',
      class: 'fail',
    },
    {
      error: 'KeeperErrorCode = NodeExists for /p',
      when: 'The znode to be created is there already.',
      class: 'fail',
    },
    {
      error: 'KeeperErrorCode = NoNode for /p',
      when: 'The znode went away between the read and the conditional write.',
      class: 'fail',
    },
    {
      error: 'KeeperErrorCode = Not a read-only call for /p',
      when: 'The server has no leader and serves reads only.',
      class: 'fail',
    },
    {
      error: 'You do not own the lock: /p',
      when: 'The client holds no such lock, or no longer: its session has expired.',
      class: 'fail',
    },
    {
      error: 'KeeperErrorCode = Reconfig is disabled',
      when: 'A server is to join or to leave, and reconfigEnabled is false, as it is by default.',
      class: 'fail',
    },
    {
      error: 'KeeperErrorCode = NewConfigNoQuorum',
      when: 'The leader is connected to fewer servers of the new configuration than a quorum.',
      class: 'fail',
    },
    {
      error: 'KeeperErrorCode = ReconfigInProgress',
      when: 'A change of the configuration before this one is not committed yet.',
      class: 'fail',
    },
    {
      error: 'KeeperErrorCode = BadArguments',
      when: 'Fewer than two servers would be left that vote.',
      class: 'fail',
    },
    { error: zooKeeperDriver.refused, when: 'The node is down: nobody listens.', class: 'fail' },
    { error: zooKeeperDriver.interrupted, when: 'The node crashed before it had answered.', class: 'info' },
  ],
  refuseKnobs: () => null,
  judge,
};

function judge(members: readonly SideMember[], nodes: readonly NodeId[], knobs: Knobs): SideStatus {
  const voters = latestVoters(members, nodes);
  const quorum = Math.floor(voters.length / 2) + 1;
  if (members.length === 0) return { state: 'down', leader: null, text: 'No server is running here.' };
  const here = members.filter(({ node }) => voters.includes(node)).length;
  const count = `${here} of ${voters.length} ${voters.length === 1 ? 'server' : 'servers'}`;
  if (here < quorum) {
    const seconds = Math.floor((Number(knobs['tickTime']) * Number(knobs['syncLimit'])) / 1000);
    const reads =
      knobs['readOnlyMode'] === true
        ? 'reads are answered, maybe stale'
        : `reads are answered, maybe stale, for about ${seconds} s, then refused`;
    const text = `${count}: no quorum, which takes ${quorum}. Writes wait and fail; ${reads}.`;
    return { state: 'no-quorum', leader: null, text };
  }
  const leader = findLeader(members);
  if (leader === null) {
    const text = `${count}: a quorum, but no leader yet. Clients are refused until one is elected.`;
    return { state: 'electing', leader, text };
  }
  return { state: 'quorum', leader, text: `${count}: a quorum. Writes are accepted; ${leader} leads.` };
}

/** Of those that lead and serve, the one of the latest epoch: an older one has not yet given up. */
function findLeader(members: readonly SideMember[]): NodeId | null {
  let found: SideMember | null = null;
  for (const member of members) {
    const serves = member.view.facts.some(([label, text]) => label === 'serves' && text === 'clients');
    if (member.view.role !== 'leader' || !serves) continue;
    if (found === null || (member.view.term ?? 0) > (found.view.term ?? 0)) found = member;
  }
  return found?.node ?? null;
}
