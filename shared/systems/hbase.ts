import { zab } from '../protocols/consensus/zab/zab.ts';
import { createHBase } from '../protocols/ownership/hbase/hbase.ts';
import { NOT_A_NUMBER, RETRIES_EXHAUSTED, TOOL_ERRORS } from '../protocols/ownership/hbase/driver-errors.ts';
import { hbaseDriver } from '../protocols/ownership/hbase/hbase-driver.ts';
import { regionOf, REGIONS } from '../protocols/ownership/hbase/regions.ts';
import type { NodeId } from '../sim/operation.ts';
import type { SideMember, SideStatus, System } from './system.ts';

/** HBase: every range of keys has one region server. Facts and literal errors: HBase 2.5, documentation and source. */
export const hbase: System = {
  id: 'hbase',
  title: 'HBase (on ZooKeeper and HDFS)',
  summary:
    'Each range of keys has one server; when that is lost, the range waits until another has replayed its log.',
  label: 'CP',
  pacelc: 'PC/EC: one server orders the changes of a row, during a partition and without one.',
  protocol: createHBase(zab),
  driver: hbaseDriver,
  hasLeader: true,
  knobs: [
    {
      kind: 'integer',
      name: 'sessionTimeout',
      text: 'After how much silence ZooKeeper takes a region server for dead; the ensemble grants 40 seconds at most.',
      source: 'hbase-default.xml: zookeeper.session.timeout=90000',
      default: 90_000,
      min: 4000,
      max: 400_000,
      unit: 'ms',
    },
    {
      kind: 'integer',
      name: 'selfAbortAfter',
      text: 'After how long without a word from ZooKeeper a region server gives up by itself; until then it answers reads that may be old.',
      source: 'as long as the session that ZooKeeper grants',
      default: 40_000,
      min: 1000,
      max: 600_000,
      unit: 'ms',
    },
    {
      kind: 'boolean',
      name: 'fenceBeforeReplay',
      text: "Whether a dead server's log is closed to it before it is read; the wrong order loses acknowledged writes.",
      source: 'HDFS lease recovery comes first (RecoverLeaseFSUtils)',
      default: true,
    },
  ],
  kinds: ['read', 'write', 'delete', 'add', 'remove', 'cas', 'increment', 'append', 'join', 'leave'],
  options: [
    {
      kind: 'choice',
      name: 'timeline',
      kinds: ['read'],
      choices: [false, true],
      default: false,
      text: 'Consistency.TIMELINE: after 10 ms secondaries are asked too; their answer may be old, and says so.',
    },
  ],
  errors: [
    {
      error: RETRIES_EXHAUSTED,
      when: 'Sixteen attempts over minutes found no server that had the row. Of a change that may have reached one nobody knows.',
      class: 'info',
    },
    { error: NOT_A_NUMBER, when: 'What is to be incremented is no number.', class: 'fail' },
    {
      error: TOOL_ERRORS.running,
      when: 'join (hbase-daemon.sh start): the node runs a region server already.',
      class: 'fail',
    },
    {
      error: TOOL_ERRORS.unknown('n1'),
      when: 'leave (graceful_stop.sh): ZooKeeper knows of no region server at that node.',
      class: 'fail',
    },
    {
      error: TOOL_ERRORS.alone,
      when: 'leave: no other region server could take the regions.',
      class: 'fail',
    },
    {
      error: TOOL_ERRORS.unreachable('n1'),
      when: 'join, leave: the machine cannot be reached, or went down. What became of the order nobody knows.',
      class: 'info',
    },
    { error: hbaseDriver.refused, when: 'The node is down: nobody listens.', class: 'fail' },
    { error: hbaseDriver.interrupted, when: 'The node crashed before it had answered.', class: 'info' },
  ],
  refuseKnobs: () => null,
  judge,
  judgeKey: (key, members) => (ownersOf(regionOf(key), members) > 0 ? 'read-write' : 'none'),
};

/** Availability is by region. */
function judge(members: readonly SideMember[], nodes: readonly NodeId[]): SideStatus {
  const leader = members.find(({ view }) => view.role === 'leader')?.node ?? null;
  if (members.length === 0) return { state: 'down', leader, text: 'No node is running here.' };
  const served = REGIONS.filter((region) => ownersOf(region, members) > 0).length;
  const ensemble = nodes.slice(0, 3);
  const here = ensemble.filter((node) => members.some((member) => member.node === node)).length;
  const hasQuorum = here >= Math.floor(ensemble.length / 2) + 1;
  const failover = hasQuorum ? 'lost servers are replaced' : 'no ZooKeeper quorum, so nothing is replaced';
  const text = `${served} of ${REGIONS.length} regions are served here; ${failover}.`;
  const state = served === 0 ? 'down' : served < REGIONS.length || !hasQuorum ? 'partly' : 'serving';
  return { state, leader, text };
}

function ownersOf(region: string, members: readonly SideMember[]): number {
  return members.filter(({ view }) => {
    const [, regions = ''] = view.facts.find(([label]) => label === 'regions') ?? [];
    return regions.split(' ').includes(region);
  }).length;
}
