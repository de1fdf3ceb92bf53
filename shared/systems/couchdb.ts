import { couchDb as protocol } from '../protocols/exchange/couchdb.ts';
import { couchDriver } from '../protocols/exchange/couchdb-driver.ts';
import { copiesOf, copiesOfShard, shardOf } from '../protocols/exchange/shards.ts';
import type { NodeId } from '../sim/operation.ts';
import { COUCHDB_ERRORS } from './couchdb-errors.ts';
import type { Knobs, SideMember, SideStatus, System } from './system.ts';

const CLUSTER = 'default.ini, [cluster]';
const REPLICATOR = 'docs.couchdb.org, replication';

/** Apache CouchDB 3: servers that replicate to each other, or one clustered database. */
export const couchdb: System = {
  id: 'couchdb',
  title: 'CouchDB',
  summary:
    'Everybody goes on by himself; edits of both sides stay as branches, one wins everywhere by a fixed rule, the other waits unseen.',
  label: 'AP',
  pacelc: 'PA/EL',
  protocol,
  driver: couchDriver,
  hasLeader: false,
  knobs: [
    {
      name: 'mode',
      text: 'Whether every node is a server of its own that replicates to others, or all are one cluster with shards and copies.',
      source: 'both are CouchDB: single nodes with replicators, or a cluster since 2.0',
      kind: 'choice',
      default: 'peers',
      choices: ['peers', 'cluster'],
    },
    {
      name: 'q',
      text: 'Into how many shards a cluster divides the database.',
      source: `${CLUSTER}: q`,
      kind: 'integer',
      default: 2,
      min: 1,
      max: 64,
      unit: 'shards',
    },
    {
      name: 'n',
      text: 'How many copies of each shard a cluster keeps; reads and writes want a majority of them unless r or w say otherwise.',
      source: `${CLUSTER}: n; in a smaller cluster as many as there are nodes`,
      kind: 'integer',
      default: 3,
      min: 1,
      max: 9,
      unit: 'copies',
    },
    {
      name: 'neighbours',
      text: 'To how many others a peer replicates: to all of them in a small class, to some at growing distances in a big one.',
      source: `${REPLICATOR}: one replication document for each target, as many as one writes`,
      kind: 'integer',
      default: 8,
      min: 1,
      max: 32,
      unit: 'servers',
    },
    {
      name: 'replication',
      text: 'Whether peers replicate whenever something has changed, or only when somebody asks for it (sync).',
      source: `${REPLICATOR}: continuous, false unless asked for; here it is asked for`,
      kind: 'choice',
      default: 'continuous',
      choices: ['continuous', 'one-shot'],
    },
  ],
  kinds: ['read', 'write', 'delete', 'add', 'remove', 'cas', 'sync', 'join', 'leave'],
  options: [
    {
      name: 'r',
      kinds: ['read', 'write', 'delete', 'add', 'remove', 'cas'],
      text: 'How many copies must agree on what is read; a majority if not given. Means nothing among peers.',
      ...copies(),
    },
    {
      name: 'w',
      kinds: ['write', 'delete', 'add', 'remove', 'cas'],
      text: 'From how many copies on a write is answered 201 and not 202; a majority if not given.',
      ...copies(),
    },
    {
      name: 'rev',
      kinds: ['read', 'write', 'delete'],
      text: 'The revision to read, to write over or to delete; null: write only if there is none. Without it a write goes over the one it finds.',
      kind: 'value',
      default: null,
    },
    {
      name: 'shards',
      kinds: ['join', 'leave'],
      text: 'moved: a new node is given its share of the shards, and those of one that leaves are moved first. left: CouchDB itself moves none; the new node keeps nothing, and the node that leaves is gone at once with its copies. Among peers: whether who leaves first sends what it has.',
      kind: 'choice',
      choices: ['moved', 'left'],
      default: 'moved',
    },
    {
      name: 'maintenance',
      kinds: ['join', 'leave'],
      text: 'Whether a node that is given a shard answers nothing until it has all of it. Otherwise reads count its empty copy: 404 where there is a document. Means nothing among peers.',
      kind: 'choice',
      choices: [true, false],
      default: true,
    },
  ],
  errors: COUCHDB_ERRORS,
  refuseKnobs({ mode, n }, nodes) {
    if (mode === 'cluster' && Number(n) > nodes) return `n: ${n} is more than the number of nodes, ${nodes}`;
    return null;
  },
  judge(members, nodes, knobs) {
    const running = members.filter(({ view }) => view.role !== 'spare');
    return knobs['mode'] === 'peers' ? judgePeers(running) : judgeCluster(running, nodes, knobs);
  },
  placement(key, nodes, knobs) {
    if (knobs['mode'] === 'peers') return null;
    return copiesOf(key, { nodes, knobs: { q: Number(knobs['q']), n: Number(knobs['n']) } });
  },
  judgeKey(key, members, nodes, knobs) {
    const running = members.filter(({ view }) => view.role !== 'spare');
    if (running.length === 0) return 'none';
    if (knobs['mode'] === 'peers') return 'read-write';
    const shard = shardOf(key, Number(knobs['q']));
    return running.some((member) => answersFor(shard, member, nodes, knobs)) ? 'read-write' : 'none';
  },
};

function copies() {
  return { kind: 'integer', min: 1, max: 9, unit: 'copies', default: null } as const;
}

function judgePeers(members: readonly SideMember[]): SideStatus {
  if (members.length === 0) return { state: 'down', leader: null, text: 'no server runs here' };
  return { state: 'serving', leader: null, text: 'every server takes reads and writes by itself' };
}

/** Counted in shards: a majority of copies here answers 201, fewer 202, none is an error. */
function judgeCluster(members: readonly SideMember[], nodes: readonly NodeId[], knobs: Knobs): SideStatus {
  const [q, n] = [Number(knobs['q']), Number(knobs['n'])];
  const counts = Array.from(
    { length: q },
    (_, shard) => members.filter((member) => answersFor(shard, member, nodes, knobs)).length,
  );
  const full = counts.filter((count) => 2 * count > n).length;
  const some = counts.filter((count) => count > 0).length;
  const text = `${full} of ${q} shards have a majority of copies here (201), ${some - full} fewer (202), ${q - some} none`;
  return { state: some === q ? 'serving' : some > 0 ? 'partly' : 'down', leader: null, text };
}

/** Whether a node has a copy of a shard to answer from: as it says itself, where shards have moved. */
function answersFor(
  shard: number,
  { node, view }: SideMember,
  nodes: readonly NodeId[],
  knobs: Knobs,
): boolean {
  if (view.members === undefined) return copiesOfShard(shard, nodes, Number(knobs['n'])).includes(node);
  const told = (label: string) => view.facts.find(([name]) => name === label)?.[1] ?? '';
  return (
    told('maintenance mode') === '' &&
    told('copies of shards')
      .split(', ')
      .includes(String(shard + 1))
  );
}
