import { partitionOf, partitionsOf, placement } from '../protocols/quorum/ring.ts';
import { PROXY_PAUSE } from '../protocols/quorum/voldemort/administrator.ts';
import { ownersIn, replicasOf } from '../protocols/quorum/voldemort/cluster.ts';
import { voldemortDriver } from '../protocols/quorum/voldemort/driver.ts';
import { voldemort as protocol } from '../protocols/quorum/voldemort/server.ts';
import { CLUSTER_FACT } from '../protocols/quorum/voldemort/view.ts';
import type { NodeId } from '../sim/operation.ts';
import type { Knobs, SideMember, System } from './system.ts';
import { voldemortErrors } from './voldemort-errors.ts';

const STORE = 'voldemort/voldemort store/StoreDefinition.java: has no default';
const copies = { kind: 'integer', min: 1, max: 9, unit: 'copies' } as const;
const owners = { kind: 'integer', max: 9, unit: 'owners' } as const;

/** LinkedIn's store, retired in 2018, with routing in the client. */
export const voldemort: System = {
  id: 'voldemort',
  title: 'Voldemort',
  summary:
    'The client itself asks the owners of a key and counts their answers; nobody stands in for an owner that is down.',
  label: 'AP',
  pacelc: 'PA/EL in lists; with strict quorums less available than Dynamo',
  protocol,
  driver: voldemortDriver,
  knobs: [
    {
      name: 'n',
      text: 'On how many nodes each key is kept.',
      source: `${STORE}, 3 is usual`,
      default: 3,
      ...copies,
    },
    {
      name: 'requiredReads',
      text: 'How many owners must answer a read.',
      source: `${STORE}, 2 is usual`,
      default: 2,
      min: 1,
      ...owners,
    },
    {
      name: 'requiredWrites',
      text: 'How many owners must have a write before it is acknowledged.',
      source: `${STORE}, 2 is usual`,
      default: 2,
      min: 1,
      ...owners,
    },
    {
      name: 'preferredReads',
      text: 'How many owners a read asks at once; 0: as many as required.',
      source: 'voldemort/voldemort store/StoreDefinition.java: preferred-reads is as required-reads',
      default: 0,
      min: 0,
      ...owners,
    },
    {
      name: 'preferredWrites',
      text: 'For how many owners a write waits if they answer in time; 0: as many as required.',
      source: 'voldemort/voldemort store/StoreDefinition.java: preferred-writes is as required-writes',
      default: 0,
      min: 0,
      ...owners,
    },
    {
      name: 'resolver',
      text: 'What the client makes of concurrent versions: the newest clock wins, the items of all, or an error.',
      source: 'voldemort/voldemort client/AbstractStoreClientFactory.java: TimeBasedInconsistencyResolver',
      kind: 'choice',
      default: 'time-based',
      choices: ['time-based', 'union', 'siblings'],
    },
    {
      name: 'hintedHandoff',
      text: 'Whether another node keeps what an owner missed, and pushes it there later.',
      source: 'stores.xml: hinted-handoff-strategy',
      kind: 'boolean',
      default: true,
    },
    {
      name: 'slopInterval',
      text: 'How often nodes push what they keep for others.',
      source: 'voldemort/voldemort server/VoldemortConfig.java: slop.frequency.ms, 5 minutes',
      kind: 'integer',
      default: 300_000,
      min: 1000,
      max: 3_600_000,
      unit: 'ms',
    },
    {
      name: 'routingTimeout',
      text: 'How long the client waits for owners.',
      source: 'voldemort/voldemort client/ClientConfig.java: routing and socket timeout, 5 seconds',
      kind: 'integer',
      default: 5000,
      min: 500,
      max: 60_000,
      unit: 'ms',
    },
  ],
  kinds: ['read', 'write', 'delete', 'add', 'remove', 'cas', 'join', 'leave'],
  options: [
    {
      name: 'versioned',
      kinds: ['write'],
      text: 'Write over the version that was read last at this node instead of reading anew: refused if it is obsolete.',
      kind: 'choice',
      choices: [true, false],
      default: false,
    },
    {
      name: 'command',
      kinds: ['join', 'leave'],
      text: 'voldemort-rebalance moves the partitions; or, after one that failed, vadmin meta set and clear-rebalance: all servers get the cluster.xml from before it, whichever node is named, and nothing is moved.',
      kind: 'choice',
      choices: ['rebalance', 'clear-rebalance'],
      default: 'rebalance',
    },
    {
      name: 'proxyPause',
      kinds: ['join', 'leave'],
      text: '--proxy-pause: for how many seconds new owners already answer with the help of the former ones before partitions are fetched.',
      kind: 'choice',
      choices: [PROXY_PAUSE, 60, 5],
      default: PROXY_PAUSE,
    },
    {
      name: 'batchSize',
      kinds: ['join', 'leave'],
      text: '--batch-size: how many primary partitions are moved together; what a batch that fails has moved goes back, what was moved before stays.',
      kind: 'choice',
      choices: ['all', 1, 2, 4],
      default: 'all',
    },
    {
      name: 'repairJob',
      kinds: ['join', 'leave'],
      text: 'vadmin repair-job at the end: servers delete what they do not own any more. Without it they keep it.',
      kind: 'choice',
      choices: [true, false],
      default: false,
    },
  ],
  errors: voldemortErrors,
  hasLeader: false,
  refuseKnobs(knobs, nodes) {
    const n = Number(knobs['n']);
    if (n > nodes) return `n: ${n} is more than the number of nodes, ${nodes}`;
    for (const name of ['requiredReads', 'requiredWrites', 'preferredReads', 'preferredWrites']) {
      if (Number(knobs[name]) > n) return `${name}: ${String(knobs[name])} is more than n, ${n}`;
    }
    return null;
  },
  judge(members, nodes, knobs) {
    const here = servers(members);
    const services = listsOf(members, nodes, Number(knobs['n'])).map((list) =>
      serviceOf(list.filter((owner) => here.has(owner)).length, knobs),
    );
    const count = (...wanted: string[]): number =>
      services.filter((service) => wanted.includes(service)).length;
    const [readable, writable] = [count('read', 'read-write'), count('read-write')];
    const text = `clients here can write ${writable} and read ${readable} of ${services.length} key ranges`;
    const state = writable === services.length ? 'serving' : readable > 0 ? 'partly' : 'down';
    return { state, leader: null, text };
  },
  placement: (key, nodes, knobs) => placement(key, nodes, Number(knobs['n'])),
  judgeKey(key, members, nodes, knobs) {
    const here = servers(members);
    const list = listsOf(members, nodes, Number(knobs['n']))[partitionOf(key, nodes)] ?? [];
    return serviceOf(list.filter((owner) => here.has(owner)).length, knobs);
  },
};

/** The nodes here that are servers of the cluster. */
function servers(members: readonly SideMember[]): ReadonlySet<NodeId> {
  return new Set(members.filter(({ view }) => view.role !== 'spare').map(({ node }) => node));
}

/** The preference list of every partition, by the latest cluster.xml that a server here has. */
function listsOf(members: readonly SideMember[], founders: readonly NodeId[], n: number): NodeId[][] {
  let version = 0;
  let owners = partitionsOf(founders);
  for (const { view } of members) {
    const layout = view.facts.find(([label]) => label === CLUSTER_FACT)?.[1];
    if (layout === undefined || (view.members?.version ?? 0) <= version) continue;
    version = view.members?.version ?? 0;
    owners = ownersIn(layout);
  }
  return owners.map((_, partition) => replicasOf(owners, partition, n));
}

/** A write reads the versions first, so it needs both quorums. */
function serviceOf(here: number, knobs: Knobs): 'read-write' | 'read' | 'none' {
  if (here < Number(knobs['requiredReads'])) return 'none';
  return here >= Number(knobs['requiredWrites']) ? 'read-write' : 'read';
}
