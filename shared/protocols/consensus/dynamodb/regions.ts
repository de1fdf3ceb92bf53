import { keysOf, lookUp, type Table } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { mark, send } from '../../turn.ts';
import { candidatesFor, diskOf, post } from './group.ts';
import { winsOver } from './items.ts';
import { hasLease, propose } from './leader.ts';
import { groupElsewhere, membersOf, regionOfGroup } from './placement.ts';
import type { Group, Item, Turn } from './types.ts';

/**
 * Global tables with eventual consistency: every Region sends what it has written to all others, again and again until
 * it is confirmed, and of two writes to an item the later clock wins in every Region. The other is dropped, and nobody
 * is told: neither who wrote it nor a log.
 */
export function ship(turn: Turn, group: Group, key: string, item: Item): void {
  for (const region of otherRegions(turn, group)) {
    (group.unshipped[String(region)] ??= {})[key] = item.at;
    const elsewhere = groupElsewhere(group.id, region);
    const [target] = candidatesFor(turn.state, elsewhere);
    if (target !== undefined) post(turn, target, { kind: 'replicate', group: elsewhere, key, item });
  }
}

/** A new leader does not know what its predecessor had sent: it sends everything that its Region wrote. */
export function shipAll(turn: Turn, group: Group): void {
  const { items } = diskOf(turn.state, group);
  const own = regionOfGroup(group.id);
  for (const key of keysOf(items)) {
    const item = lookUp(items, key)?.accepted;
    if (item !== undefined && item.region === own) ship(turn, group, key, item);
  }
}

/** What was not confirmed goes out again, to one member after the other: any of them may lead there now. */
export function shipAgain(turn: Turn, group: Group): void {
  const { items } = diskOf(turn.state, group);
  for (const region of otherRegions(turn, group)) {
    const elsewhere = groupElsewhere(group.id, region);
    const members = membersOf(elsewhere, turn.state);
    const target = members[group.tick % Math.max(1, members.length)];
    for (const key of keysOf(group.unshipped[String(region)] ?? {}).slice(0, BATCH)) {
      const item = lookUp(items, key)?.accepted;
      if (target !== undefined && item !== undefined) {
        send(turn, target, { kind: 'replicate', group: elsewhere, key, item });
      }
    }
  }
}

export function onReplicate(turn: Turn, from: NodeId, group: Group, key: string, item: Item): void {
  if (!hasLease(turn, group)) return;
  const { self } = turn.state;
  const before = lookUp(diskOf(turn.state, group).items, key)?.accepted;
  const asker = { kind: 'region', node: from, at: item.at, region: item.region } as const;
  if (winsOver(item, before)) {
    propose(turn, group, key, item, asker);
    return;
  }
  if (before !== undefined && before.region !== item.region) {
    mark(turn, 'conflict', `${self} drops ${key} of Region ${item.region + 1}: what it has is later`);
  }
  confirmReplica(turn, group, key, asker);
}

/** Tells the other Region that its write, or a later one, is on a majority here. */
export function confirmReplica(
  turn: Turn,
  group: Group,
  key: string,
  { node, at, region }: { readonly node: NodeId; readonly at: number; readonly region: number },
): void {
  const own = regionOfGroup(group.id);
  const origin = groupElsewhere(group.id, region);
  post(turn, node, { kind: 'replicated', group: origin, key, at, region: own });
}

export function onReplicated(
  turn: Turn,
  from: NodeId,
  group: Group,
  { key, at, region }: { readonly key: string; readonly at: number; readonly region: number },
): void {
  turn.state.leaders[groupElsewhere(group.id, region)] = from;
  const unshipped: Table<number> = group.unshipped[String(region)] ?? {};
  const waiting = lookUp(unshipped, key);
  if (waiting !== undefined && waiting <= at) delete unshipped[key];
}

const BATCH = 50;

function otherRegions({ state }: Turn, group: Group): number[] {
  const { mode, regions } = state.knobs;
  if (mode !== 'global-eventual') return [];
  return Array.from({ length: regions }, (_, region) => region).filter(
    (region) => region !== regionOfGroup(group.id),
  );
}
