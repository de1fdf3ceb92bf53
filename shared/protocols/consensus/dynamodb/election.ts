import { below } from '../../../base/random.ts';
import { keysOf, lookUp, type Table } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { mark, persist, send } from '../../turn.ts';
import { adopt, diskOf, faithfulTicks, keep, leaderOf, majorityOf, tellOthers } from './group.ts';
import { heartbeat, propose } from './leader.ts';
import { shipAll } from './regions.ts';
import type { Group, Item, Turn } from './types.ts';

/**
 * Who leads a partition (Elhemali et al. 2022, sections 3 and 5.2). A leader has a lease that its heartbeats renew; a
 * replica that hears nothing first asks the others whether they do, so that a bad link of its own deposes nobody.
 * Nobody agrees to another leader before the lease of the last one it heard must have run out: the new one need not
 * wait for anything else.
 */
export function tickFollower(turn: Turn, group: Group): void {
  group.silent++;
  if (group.silent < group.patience) return;
  group.patience = group.silent + 2 + below(turn.random >>> 8, RETRY_TICKS);
  group.role = 'asking';
  group.agreed = [turn.state.self];
  tellOthers(turn, group, { kind: 'may-i', group: group.id });
  if (group.agreed.length >= majorityOf(group)) prepare(turn, group);
}

export function onMayI(turn: Turn, from: NodeId, group: Group): void {
  if (group.role === 'leader' || group.silent < faithfulTicks(turn.state)) return;
  send(turn, from, { kind: 'go-ahead', group: group.id });
}

export function onGoAhead(turn: Turn, from: NodeId, group: Group): void {
  if (group.role !== 'asking' || group.agreed.includes(from)) return;
  group.agreed = [...group.agreed, from];
  if (group.agreed.length >= majorityOf(group)) prepare(turn, group);
}

export function onPrepare(turn: Turn, from: NodeId, group: Group, ballot: number): void {
  const disk = diskOf(turn.state, group);
  if (ballot <= disk.ballot) {
    send(turn, from, { kind: 'outdated', group: group.id, ballot: disk.ballot });
    return;
  }
  // It may have heard the old leader again since it was asked.
  if (group.role === 'leader' || group.silent < faithfulTicks(turn.state)) return;
  adopt(turn, group, ballot);
  send(turn, from, { kind: 'promise', group: group.id, ballot, items: acceptedOf(turn, group) });
}

export function onPromise(turn: Turn, from: NodeId, group: Group, ballot: number, items: Table<Item>): void {
  const disk = diskOf(turn.state, group);
  if (group.role !== 'candidate' || ballot !== disk.ballot || group.agreed.includes(from)) return;
  group.agreed = [...group.agreed, from];
  keep(turn, group, items);
  if (group.agreed.length >= majorityOf(group)) lead(turn, group);
}

/** At most so many ticks more than two pass until a replica that got no leave to lead asks again. */
const RETRY_TICKS = 3;

function prepare(turn: Turn, group: Group): void {
  const { state } = turn;
  const disk = diskOf(state, group);
  let ballot = disk.ballot + 1;
  while (leaderOf(group, ballot) !== state.self) ballot++;
  disk.ballot = ballot;
  persist(turn);
  group.role = 'candidate';
  group.agreed = [state.self];
  tellOthers(turn, group, { kind: 'prepare', group: group.id, ballot });
  if (majorityOf(group) === 1) lead(turn, group);
}

/** What any of a majority had accepted may have been chosen: the new leader proposes all of it again as its own. */
function lead(turn: Turn, group: Group): void {
  const { state } = turn;
  const disk = diskOf(state, group);
  group.role = 'leader';
  group.tick = 0;
  group.confirmed = 0;
  group.rounds = [];
  group.sequence = 0;
  state.leaders[group.id] = state.self;
  mark(turn, 'lease', `${state.self} leads ${group.id}, under ballot ${disk.ballot}`);
  heartbeat(turn, group);
  for (const key of keysOf(disk.items)) {
    const accepted = lookUp(disk.items, key)?.accepted;
    if (accepted !== undefined) propose(turn, group, key, accepted, null);
  }
  group.synced = group.sequence;
  shipAll(turn, group);
}

function acceptedOf(turn: Turn, group: Group): Table<Item> {
  const { items } = diskOf(turn.state, group);
  const accepted: Table<Item> = {};
  for (const key of keysOf(items)) {
    const kept = lookUp(items, key);
    if (kept !== undefined) accepted[key] = kept.accepted;
  }
  return accepted;
}
