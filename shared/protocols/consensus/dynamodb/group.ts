import { below, draw } from '../../../base/random.ts';
import { keysOf, lookUp, type Table } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { mark, persist, send } from '../../turn.ts';
import { membersOf } from './placement.ts';
import type { DurableGroup, DynamoDbState, Group, Item, Message, Turn } from './types.ts';

/** A replica of a partition as it is when its node starts. */
export function createGroup(id: string, members: readonly NodeId[]): Group {
  return {
    id,
    members,
    role: 'follower',
    silent: 0,
    patience: 0,
    agreed: [],
    tick: 0,
    confirmed: 0,
    confirmedAt: 0,
    rounds: [],
    sequence: 0,
    synced: 0,
    pending: [],
    missing: {},
    unshipped: {},
  };
}

export function diskOf({ durable }: DynamoDbState, { id }: Pick<Group, 'id'>): DurableGroup {
  return (durable.groups[id] ??= { ballot: 0, items: {} });
}

/** Ballots are dealt round: each belongs to one member, so two never lead under one. */
export function leaderOf({ members }: Group, ballot: number): NodeId {
  return members[ballot % members.length] ?? '';
}

export function majorityOf({ members }: Group): number {
  return Math.floor(members.length / 2) + 1;
}

/** Ticks for which a replica keeps to a leader that it heard: no less than that leader's lease can last. */
export function faithfulTicks({ knobs }: DynamoDbState): number {
  return knobs.leaseHeartbeats + 2;
}

/** So that replicas do not ask to lead at the same time. */
export function drawPatience(turn: Turn, group: Group): void {
  const own = draw(turn.random, group.members.indexOf(turn.state.self));
  group.patience = faithfulTicks(turn.state) + below(own, faithfulTicks(turn.state));
  group.silent = 0;
}

/** Sends a message, to this node itself within the step. */
export function post(turn: Turn, to: NodeId, message: Message): void {
  if (to === turn.state.self) turn.inbox.push(message);
  else send(turn, to, message);
}

export function tellOthers(turn: Turn, group: Group, message: Message): void {
  for (const member of group.members) if (member !== turn.state.self) send(turn, member, message);
}

/** Adopts a higher ballot. Whoever led under a lower one leads no more. */
export function adopt(turn: Turn, group: Group, ballot: number): void {
  const disk = diskOf(turn.state, group);
  if (ballot <= disk.ballot) return;
  stepDown(turn, group, 'another leads now');
  disk.ballot = ballot;
  persist(turn);
}

/** What was proposed and is not on a majority stays where it is: nobody can say whether it will count. */
export function stepDown(turn: Turn, group: Group, reason: string): void {
  if (group.role === 'leader')
    mark(turn, 'expire', `${turn.state.self} leads ${group.id} no more: ${reason}`);
  group.role = 'follower';
  group.agreed = [];
  group.pending = [];
  group.rounds = [];
  group.confirmed = 0;
  clear(group.missing);
  clear(group.unshipped);
  drawPatience(turn, group);
}

/** Up to which sequence of its ballot everything is on a majority. */
export function throughOf(group: Group): number {
  return (group.pending[0]?.sequence ?? group.sequence + 1) - 1;
}

/** Keeps items, the later ones under each key; under an equal or lower ballot than promised nothing else comes. */
export function keep(turn: Turn, group: Group, items: Table<Item>): void {
  const { items: kept } = diskOf(turn.state, group);
  for (const key of keysOf(items)) {
    const item = lookUp(items, key);
    const before = lookUp(kept, key);
    if (item === undefined || (before !== undefined && !isLater(item, before.accepted))) continue;
    kept[key] = { accepted: item, committed: before?.committed ?? null };
    persist(turn);
  }
}

/** Everything of this ballot up to there is on a majority: reads may see it. */
export function learn(turn: Turn, group: Group, ballot: number, through: number): void {
  const { items } = diskOf(turn.state, group);
  for (const key of keysOf(items)) {
    const { accepted, committed } = items[key] ?? {};
    if (accepted === undefined || accepted.ballot !== ballot || accepted.sequence > through) continue;
    if (committed != null && !isLater(accepted, committed)) continue;
    items[key] = { accepted, committed: accepted };
    persist(turn);
  }
}

export function isLater(a: Item, b: Item): boolean {
  return a.ballot !== b.ballot ? a.ballot > b.ballot : a.sequence > b.sequence;
}

export function groupAt(state: DynamoDbState, id: string): Group | undefined {
  return lookUp(state.groups, id);
}

/** Where a router or another Region looks for the leader: whom it believes in first. */
export function candidatesFor(state: DynamoDbState, group: string): NodeId[] {
  const members = membersOf(group, state);
  const known = lookUp(state.leaders, group);
  return known === undefined ? [...members] : [known, ...members.filter((member) => member !== known)];
}

function clear(table: Table<unknown>): void {
  for (const key of keysOf(table)) delete table[key];
}
