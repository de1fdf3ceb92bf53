import { keysOf, lookUp, type Table } from '../../base/table.ts';
import { conflictsOf, revisionOf, winnerOf } from '../../data/revision-tree.ts';
import type { DataView, ReplicaView } from '../../sim/protocol.ts';
import { documentAt } from './database.ts';
import { shorten } from './describe.ts';
import { copiesOfShard } from './shards.ts';
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
    role: 'replica',
    term: null,
    leader: null,
    data,
    facts: [...facts, ...replicationFacts(state), ...clusterFacts(state)],
  };
}

function replicationFacts({ jobs, knobs }: CouchState): [string, string][] {
  const failing = keysOf(jobs).filter((target) => {
    const job = lookUp(jobs, target);
    return job !== undefined && (job.failures > 0 || job.crashes > 0);
  });
  if (failing.length === 0 || knobs.mode === 'cluster') return [];
  return [['cannot replicate to', failing.join(', ')]];
}

function clusterFacts({ self, nodes, knobs, lost }: CouchState): [string, string][] {
  if (knobs.mode === 'peers') return [];
  const shards = Array.from({ length: knobs.q }, (_, shard) => shard);
  const here = shards.filter((shard) => copiesOfShard(shard, nodes, knobs.n).includes(self));
  const facts: [string, string][] = [
    ['copies of shards', here.map((shard) => shard + 1).join(', ') || 'none'],
  ];
  const away = keysOf(lost);
  if (away.length > 0) facts.push(['not connected to', away.join(', ')]);
  return facts;
}
