import { keysOf, lookUp, type Table } from '../../../base/table.ts';
import { describeClock } from '../../../data/vector-clock.ts';
import type { DataView, ReplicaView } from '../../../sim/protocol.ts';
import type { VoldemortState } from './types.ts';

/** What a server looks like from outside: its versions as data, slops as facts. */
export function view({ durable }: VoldemortState): ReplicaView {
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
  return { role: 'server', term: null, leader: null, data, facts };
}
