import { equal } from '../../../base/json.ts';
import { lookUp } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { mark } from '../../turn.ts';
import { diskOf, groupAt, leaderOf, post } from './group.ts';
import { change, valueOf } from './items.ts';
import { hasLease, propose } from './leader.ts';
import { regionOfGroup } from './placement.ts';
import { confirmReplica, ship } from './regions.ts';
import type { Committed, Group, Message, Reply, Request, Turn } from './types.ts';

type Ask = Extract<Message, { readonly kind: 'ask' }>;

/**
 * A storage node is asked. Eventually consistent reads are answered by any replica from what it knows to be on a
 * majority; everything else only by the leader, and only while its lease lasts.
 */
export function onAsk(turn: Turn, from: NodeId, { id, group: name, region, request }: Ask): void {
  const group = groupAt(turn.state, name);
  if (group === undefined) return;
  const { key } = request;
  const { items } = diskOf(turn.state, group);
  const answer = (reply: Reply): void => post(turn, from, { kind: 'answer', group: name, id, reply });
  if (request.kind === 'get' && !request.consistent) {
    answer({ kind: 'item', value: valueOf(lookUp(items, key)?.committed) });
  } else if (!hasLease(turn, group)) {
    post(turn, from, { kind: 'not-leader', group: name, id, leader: believed(turn, group) });
  } else if (request.kind === 'get') {
    answer({ kind: 'item', value: valueOf(lookUp(items, key)?.committed) });
  } else {
    const refusal = update(turn, from, group, id, region, request);
    if (refusal !== null) answer(refusal);
  }
}

/** What was proposed is on a majority: whoever asked is told, and other Regions hear of it. */
export function onCommitted(turn: Turn, { group, pending }: Committed): void {
  const { asker, item, key } = pending;
  if (asker === null) return;
  if (asker.kind === 'region') {
    confirmReplica(turn, group, key, asker);
    return;
  }
  mark(turn, 'commit', `${turn.state.self}: ${key} is on a majority of ${group.id}`);
  const reply = { kind: 'done', value: valueOf(item) } as const;
  post(turn, asker.node, { kind: 'answer', group: group.id, id: asker.id, reply });
  ship(turn, group, key, item);
}

/** Null: it is proposed, and answered when it is on a majority. */
function update(
  turn: Turn,
  from: NodeId,
  group: Group,
  id: number,
  region: number,
  request: Extract<Request, { readonly kind: 'update' }>,
): Reply | null {
  const { key, condition } = request;
  // Of a table that is one for all Regions: two of them write the same item at once.
  const isContended = group.pending.some(
    ({ key: busy, asker }) => busy === key && asker?.kind === 'router' && asker.region !== region,
  );
  if (isContended) return { kind: 'write-conflict' };
  const before = lookUp(diskOf(turn.state, group).items, key)?.accepted;
  if (condition !== undefined && !equal(valueOf(before), condition)) return { kind: 'condition-failed' };
  const changed = change(valueOf(before), request.update);
  if (changed === null) return { kind: 'wrong-type' };
  const at = Math.max(turn.now, (before?.at ?? turn.now - 1) + 1);
  const item = { ...changed, at, region: regionOfGroup(group.id), ballot: 0, sequence: 0 };
  propose(turn, group, key, item, { kind: 'router', node: from, id, region });
  return null;
}

/** Whom this replica takes for the leader; null where it leads itself without a lease, or has heard nobody. */
function believed(turn: Turn, group: Group): NodeId | null {
  const leader = leaderOf(group, diskOf(turn.state, group).ballot);
  return leader === turn.state.self || group.role !== 'follower' ? null : leader;
}
