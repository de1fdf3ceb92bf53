import { keysOf, lookUp, type Table } from '../../base/table.ts';
import { conflictsOf, revisionOf, winnerOf } from '../../data/revision-tree.ts';
import type { DataView, ReplicaView } from '../../sim/protocol.ts';
import { documentAt } from './database.ts';
import { shorten } from './describe.ts';
import { isMember, mapOf, membersOf, targetsOf } from './membership.ts';
import type { CouchState } from './types.ts';

/** What a node looks like from outside: of each document the winner and then the live losers. */
export function view(state: CouchState): ReplicaView {
  const data: Table<DataView> = {};
  const deleted: string[] = [];
  for (const key of keysOf(state.durable.documents)) {
    const revisions = documentAt(state, key);
    const winner = winnerOf(revisions);
    if (winner === null) continue;
    if (winner.deleted) deleted.push(key);
    else {
      const live = [winner, ...conflictsOf(revisions)];
      const version = live.map((leaf) => shorten(revisionOf(leaf))).join(' | ');
      data[key] = { values: live.map(({ value }) => value), version };
    }
  }
  const facts: [string, string][] = [['update sequence', String(state.durable.sequence)]];
  if (deleted.length > 0) facts.push(['deleted', deleted.join(', ')]);
  return {
    role: isMember(state) ? 'replica' : 'spare',
    term: null,
    leader: null,
    data,
    facts: isMember(state) ? [...facts, ...replicationFacts(state), ...clusterFacts(state)] : [],
    ...membersView(state),
  };
}

/** The nodes of a cluster whose members change. Each change makes a tree longer, and trees only grow. */
function membersView(state: CouchState): Pick<ReplicaView, 'members'> {
  const { cluster } = state.durable;
  if (state.knobs.mode === 'peers' || (cluster === undefined && state.members === undefined)) return {};
  const trees =
    cluster === undefined
      ? []
      : [cluster.map, ...keysOf(cluster.nodes).map((node) => lookUp(cluster.nodes, node) ?? [])];
  const version = trees.flat().reduce((sum, { generation }) => sum + generation, 0);
  return { members: { version, voters: membersOf(state) } };
}

function replicationFacts(state: CouchState): [string, string][] {
  const { jobs, knobs, durable } = state;
  const facts: [string, string][] = [];
  if (durable.targets !== undefined) facts.push(['replicates to', targetsOf(state).join(', ') || 'nobody']);
  const failing = keysOf(jobs).filter((target) => {
    const job = lookUp(jobs, target);
    return job !== undefined && (job.failures > 0 || job.crashes > 0);
  });
  if (failing.length > 0 && knobs.mode === 'peers') facts.push(['cannot replicate to', failing.join(', ')]);
  return facts;
}

function clusterFacts(state: CouchState): [string, string][] {
  const { self, knobs, lost, durable } = state;
  if (knobs.mode === 'peers') return [];
  const map = mapOf(state) ?? [];
  const here = [...map.keys()].filter((shard) => map[shard]?.includes(self));
  const facts: [string, string][] = [
    ['copies of shards', here.map((shard) => shard + 1).join(', ') || 'none'],
  ];
  if (durable.cluster?.maintenance === true) facts.push(['maintenance mode', 'on']);
  const away = keysOf(lost);
  if (away.length > 0) facts.push(['not connected to', away.join(', ')]);
  return facts;
}
