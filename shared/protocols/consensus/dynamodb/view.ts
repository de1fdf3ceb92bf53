import { keysOf, lookUp, type Table } from '../../../base/table.ts';
import type { DataView, ReplicaView } from '../../../sim/protocol.ts';
import { diskOf } from './group.ts';
import { valueOf } from './items.ts';
import { regionOf } from './placement.ts';
import type { DynamoDbState } from './types.ts';

/** What a storage node looks like from outside: what its eventually consistent reads would show. */
export function view(state: DynamoDbState): ReplicaView {
  const { self, knobs } = state;
  const data: Table<DataView> = {};
  const [leads, follows]: [string[], string[]] = [[], []];
  const behind: string[] = [];
  for (const id of keysOf(state.groups)) {
    const group = lookUp(state.groups, id);
    if (group === undefined) continue;
    (group.role === 'leader' ? leads : follows).push(id);
    for (const region of keysOf(group.unshipped)) {
      const keys = keysOf(group.unshipped[region] ?? {});
      if (keys.length > 0) behind.push(`Region ${Number(region) + 1}: ${keys.join(', ')}`);
    }
    const { items } = diskOf(state, group);
    for (const key of keysOf(items)) {
      const value = valueOf(lookUp(items, key)?.committed);
      if (value !== null) data[key] = { values: [value], version: `@${items[key]?.committed?.at ?? 0}` };
    }
  }
  const facts: [string, string][] = [];
  if (knobs.mode !== 'region') facts.push(['Region', String(regionOf(self, state) + 1)]);
  if (leads.length > 0) facts.push(['leads', leads.join(', ')]);
  if (follows.length > 0) facts.push(['follows in', follows.join(', ')]);
  if (behind.length > 0) facts.push(['not confirmed by', behind.join('; ')]);
  return { role: 'replica', term: null, leader: null, data, facts };
}
