import { keysOf, lookUp, type Table } from '../../base/table.ts';
import { describeVersions } from '../../data/versions.ts';
import type { DataView, ReplicaView } from '../../sim/protocol.ts';
import { isMember, ringOf } from './membership.ts';
import { resolve } from './storage.ts';
import type { QuorumState } from './types.ts';

/** What a replica looks like from outside: its own keys as data, what it keeps for others as a fact. */
export function view(state: QuorumState): ReplicaView {
  const { data, hints } = state.durable;
  const shown: Table<DataView> = {};
  for (const key of keysOf(data)) {
    const versions = resolve(state.knobs, lookUp(data, key) ?? []);
    const values = versions.filter((version) => !version.deleted).map((version) => version.value);
    if (values.length > 0) shown[key] = { values, version: describeVersions(versions) };
  }
  const facts: [string, string][] = [];
  for (const owner of keysOf(hints)) {
    facts.push([`kept for ${owner}`, keysOf(lookUp(hints, owner) ?? {}).join(', ')]);
  }
  const down = keysOf(state.down);
  if (down.length > 0) facts.push(['thought down', down.join(', ')]);
  const plain = { term: null, leader: null, data: shown, facts };
  const { changes } = state.durable;
  if (changes === undefined && state.members === undefined) return { role: 'replica', ...plain };
  const times = keysOf(changes ?? {}).map((node) => lookUp(changes ?? {}, node)?.at ?? 0);
  const version = Math.max(0, ...times);
  const role = isMember(state) ? 'replica' : 'spare';
  return { role, ...plain, members: { version, voters: ringOf(state) } };
}
