import { voldemortDriver } from '../protocols/quorum/voldemort/driver.ts';
import { voldemort as protocol } from '../protocols/quorum/voldemort/server.ts';
import { placement, rangesOf } from '../protocols/quorum/ring.ts';
import type { ErrorEntry, Knobs, System } from './system.ts';

const STORE = 'voldemort/voldemort store/StoreDefinition.java: has no default';
const copies = { kind: 'integer', min: 1, max: 9, unit: 'copies' } as const;
const owners = { kind: 'integer', max: 9, unit: 'owners' } as const;

const ERRORS: readonly ErrorEntry[] = [
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
  { error: 'Connection refused', when: 'The node is down.', class: 'fail' },
  { error: 'Connection reset', when: 'The node crashed while it worked on the operation.', class: 'info' },
];

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
  kinds: ['read', 'write', 'delete', 'add', 'remove', 'cas'],
  options: [
    {
      name: 'versioned',
      kinds: ['write'],
      text: 'Write over the version that was read last at this node instead of reading anew: refused if it is obsolete.',
      kind: 'choice',
      choices: [true, false],
      default: false,
    },
  ],
  errors: ERRORS,
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
    const here = new Set(members.map(({ node }) => node));
    const services = rangesOf(nodes, Number(knobs['n'])).map((list) =>
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
    const list = placement(key, nodes, Number(knobs['n']));
    return serviceOf(members.filter(({ node }) => list.includes(node)).length, knobs);
  },
};

/** A write reads the versions first, so it needs both quorums. */
function serviceOf(here: number, knobs: Knobs): 'read-write' | 'read' | 'none' {
  if (here < Number(knobs['requiredReads'])) return 'none';
  return here >= Number(knobs['requiredWrites']) ? 'read-write' : 'read';
}
