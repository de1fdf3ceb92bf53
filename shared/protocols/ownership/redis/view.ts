import { keysOf, lookUp, type Table } from '../../../base/table.ts';
import type { DataView, ReplicaView } from '../../../sim/protocol.ts';
import { valueOf } from '../../store.ts';
import { unreachablePeers } from './detector.ts';
import { describeRanges, spansOf, spanText } from './owners.ts';
import { isMaster, masterOf, memberOf } from './turn.ts';
import type { RedisState } from './types.ts';

/** The labels of the facts that say what a node serves. */
export const SLOTS_FACT = 'slots';
export const STATE_FACT = 'cluster state';
export const EPOCH_FACT = 'config epoch';

/** What a node looks like from outside. */
export function view(state: RedisState): ReplicaView {
  const { self, durable, replication } = state;
  const data: Table<DataView> = {};
  for (const key of keysOf(durable.data)) {
    data[key] = { values: [valueOf(lookUp(durable.data, key))], version: `offset ${replication.offset}` };
  }
  const amMaster = isMaster(state, self);
  const slots = spansOf(durable, self).map(spanText);
  const facts: [string, string][] = [[STATE_FACT, state.isClusterOk ? 'ok' : 'fail']];
  if (slots.length > 0) facts.push([SLOTS_FACT, slots.join(', ')]);
  facts.push([EPOCH_FACT, String(memberOf(state, masterOf(state, self)).configEpoch)]);
  facts.push(['replication offset', String(replication.offset)]);
  for (const [what, moves] of [
    ['migrating', durable.migrating],
    ['importing', durable.importing],
  ] as const) {
    const texts = keysOf(moves ?? {}).map(
      (range) => `${describeRanges([Number(range)])}: ${moves?.[range] ?? ''}`,
    );
    if (texts.length > 0) facts.push([what, texts.join(', ')]);
  }
  if (state.migration !== undefined) facts.push(['blocked', `MIGRATE to ${state.migration.target}`]);
  const replicas = keysOf(replication.replicas);
  if (amMaster && replicas.length > 0) facts.push(['replicas', replicas.join(', ')]);
  const { suspected, failed } = unreachablePeers(state);
  if (suspected.length > 0) facts.push(['fail?', suspected.join(', ')]);
  if (failed.length > 0) facts.push(['fail', failed.join(', ')]);
  const isAlone = state.nodes.length === 1 && slots.length === 0;
  return {
    role: !durable.isMember || isAlone ? 'spare' : amMaster ? 'master' : 'replica',
    term: durable.currentEpoch,
    leader: masterOf(state, self),
    data,
    facts,
  };
}
