import { keysOf, lookUp, type Table } from '../../../base/table.ts';
import { describeClock } from '../../../data/vector-clock.ts';
import type { DataView, ReplicaView } from '../../../sim/protocol.ts';
import { describeLayout } from './cluster.ts';
import { clusterOf, isMember, isRebalancing } from './metadata.ts';
import type { VoldemortState } from './types.ts';

/** The fact that tells the cluster.xml of a server. */
export const CLUSTER_FACT = 'cluster.xml';

/** What a server looks like from outside: its versions as data, slops as facts; and its cluster, where that changes. */
export function view(state: VoldemortState): ReplicaView {
  const { durable, members } = state;
  const data: Table<DataView> = {};
  for (const key of keysOf(durable.data)) {
    const versions = lookUp(durable.data, key) ?? [];
    data[key] = {
      values: versions.map(({ value }) => value),
      version: versions.map(({ clock }) => describeClock(clock)).join(' | '),
    };
  }
  const facts = keysOf(durable.slops).map((owner): [string, string] => [
    `slops for ${owner}`,
    [...new Set((lookUp(durable.slops, owner) ?? []).map(({ key }) => key))].join(', '),
  ]);
  const plain = { term: null, leader: null, data, facts };
  if (durable.cluster === undefined && members === undefined) return { role: 'server', ...plain };
  if (durable.rebalancing !== undefined && isRebalancing(state)) {
    const donors = durable.rebalancing.tasks.map(({ donor }) => donor);
    facts.push(['server.state', `REBALANCING_MASTER_SERVER, from ${donors.join(', ')}`]);
  }
  const cluster = clusterOf(state);
  if (cluster !== null && cluster.version > 0) facts.push([CLUSTER_FACT, describeLayout(cluster)]);
  const known = isMember(state) ? cluster : null;
  const role = known === null ? 'spare' : 'server';
  return { role, ...plain, members: { version: known?.version ?? -1, voters: known?.nodes ?? [] } };
}
