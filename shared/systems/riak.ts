import { riakDriver } from '../protocols/quorum/riak/driver.ts';
import { foundingOwners, preferenceList } from '../protocols/quorum/riak/ring.ts';
import { riakReplica } from '../protocols/quorum/riak/replica.ts';
import type { NodeId } from '../sim/operation.ts';
import { riakErrors } from './riak-errors.ts';
import type { OperationOption } from './options.ts';
import { latestVoters, type SideMember, type SideStatus, type System } from './system.ts';

const SCHEMA = 'riak_core_bucket_type.erl, riak_kv.schema';
const QUORUMS = ['one', 'quorum', 'all', 0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const WRITES = ['write', 'delete', 'add', 'remove', 'increment'] as const;

/** Riak KV 2.2 and later. Facts and literal errors: its source and documentation. */
export const riak: System = {
  id: 'riak',
  title: 'Riak KV',
  summary:
    'Every side takes writes, even one node alone, because quorums count virtual nodes; the bucket decides what a conflict becomes.',
  label: 'AP',
  pacelc: 'PA/EL; pr and pw trade availability for fewer surprises.',
  protocol: riakReplica,
  driver: riakDriver,
  hasLeader: false,
  knobs: [
    {
      name: 'n',
      text: 'In how many partitions each key is kept (n_val).',
      source: SCHEMA,
      kind: 'integer',
      default: 3,
      min: 1,
      max: 9,
      unit: 'copies',
    },
    {
      name: 'allowMult',
      text: 'Whether concurrent values are kept as siblings; otherwise the one modified last stays and the others are lost. Off in the default bucket, on in bucket types.',
      source: `${SCHEMA}: allow_mult`,
      kind: 'boolean',
      default: false,
    },
    {
      name: 'lastWriteWins',
      text: 'Whether writes replace what is there without looking at its clock.',
      source: `${SCHEMA}: last_write_wins`,
      kind: 'boolean',
      default: false,
    },
    {
      name: 'dvv',
      text: 'Whether clocks know which write each value came from; without, interleaved writers make siblings without end.',
      source: `${SCHEMA}: dvv_enabled, on in bucket types; the default bucket, which keeps no siblings, has it off`,
      kind: 'boolean',
      default: true,
    },
  ],
  kinds: ['read', 'write', 'delete', 'add', 'remove', 'increment', 'join', 'leave'],
  options: [
    quorum('r', ['read'], 'How many vnodes must answer a read; a quorum if not given.'),
    quorum('pr', ['read'], 'How many primaries must answer a read; none if not given.'),
    quorum('w', WRITES, 'How many vnodes must have a write; a quorum if not given.'),
    quorum('dw', WRITES, 'How many vnodes must have a write on disk; a quorum if not given.'),
    quorum('pw', WRITES, 'How many primaries must have a write; none if not given.'),
    quorum('nodeConfirms', WRITES, 'On how many different nodes a write must be; any if not given.'),
    {
      kind: 'choice',
      name: 'type',
      kinds: ['read', ...WRITES],
      choices: ['register', 'counter', 'set', 'map', 'flag'],
      default: null,
      text: 'A data type that merges by itself. add and remove mean a set and increment a counter without being told; a field of a map is written as field=value, a flag as true or false.',
    },
  ],
  errors: riakErrors,
  refuseKnobs(knobs, nodes) {
    if (Number(knobs['n']) > nodes) return `n: ${knobs['n']} is more than the number of nodes, ${nodes}`;
    if (knobs['allowMult'] === true && knobs['lastWriteWins'] === true) {
      return 'lastWriteWins: cannot be true together with allowMult';
    }
    return null;
  },
  judge,
  placement: (key, nodes, knobs) =>
    preferenceList(key, foundingOwners(nodes), Number(knobs['n']), () => true).map(({ node }) => node),
  judgeKey: (_key, members) => (members.some(isRunning) ? 'read-write' : 'none'),
};

function quorum(name: string, kinds: OperationOption['kinds'], text: string): OperationOption {
  return { kind: 'choice', name, kinds, text, choices: QUORUMS, default: null };
}

/** Fallback vnodes make every side, even one node, whole, once it has noticed who is missing. */
function judge(members: readonly SideMember[], nodes: readonly NodeId[]): SideStatus {
  const running = members.filter(isRunning);
  if (running.length === 0) return { state: 'down', leader: null, text: 'No node is running here.' };
  const here = new Set(running.map(({ node }) => node));
  const missing = latestVoters(members, nodes).filter((node) => !here.has(node));
  const believed = running.some(({ view }) => {
    const fact = view.facts.find(([label]) => label === 'thought down')?.[1] ?? '';
    return missing.some((node) => !fact.split(', ').includes(node));
  });
  const text = believed
    ? 'takes reads and writes; until it notices who is missing, 45 to 75 s after a cut, some keys wait for them'
    : 'takes reads and writes of every key: fallback vnodes stand in for whoever is missing';
  return { state: believed ? 'partly' : 'serving', leader: null, text };
}

/** At a machine that belongs to no cluster Riak does not run. */
function isRunning({ view }: SideMember): boolean {
  return view.role !== 'spare';
}
