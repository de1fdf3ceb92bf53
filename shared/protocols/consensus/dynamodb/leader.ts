import { keysOf, lookUp, type Table } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { persist, send } from '../../turn.ts';
import { adopt, diskOf, isLater, keep, learn, majorityOf, stepDown, tellOthers, throughOf } from './group.ts';
import type { Asker, Group, Item, Message, Turn } from './types.ts';

/** A round of heartbeats. One that a majority answers keeps the lease for some ticks from when it was sent. */
export function heartbeat(turn: Turn, group: Group): void {
  const { ballot } = diskOf(turn.state, group);
  const [tick, through] = [++group.tick, throughOf(group)];
  const round = { tick, at: turn.now, acks: [turn.state.self] };
  group.rounds = [...group.rounds.slice(-turn.state.knobs.leaseHeartbeats), round];
  tellOthers(turn, group, { kind: 'heartbeat', group: group.id, ballot, tick, through });
  confirm(group);
}

export function tickLeader(turn: Turn, group: Group): void {
  if (group.tick > LEASE_BEGINS_TICKS && group.tick > group.confirmed + turn.state.knobs.leaseHeartbeats) {
    stepDown(turn, group, 'its lease has run out');
    return;
  }
  heartbeat(turn, group);
  for (const member of keysOf(group.missing)) resend(turn, group, member);
}

/**
 * Whether this leader may answer for the partition alone: its lease lasts, and what its predecessors left is on a
 * majority again. The clock is looked at besides the ticks: a node that was
 * paused comes back with its ticks late.
 */
export function hasLease(turn: Turn, group: Group): boolean {
  const { leaseHeartbeats, heartbeatMs } = turn.state.knobs;
  if (group.role !== 'leader' || group.confirmed === 0 || throughOf(group) < group.synced) return false;
  if (majorityOf(group) === 1) return true;
  return (
    group.tick <= group.confirmed + leaseHeartbeats &&
    turn.now - group.confirmedAt <= leaseHeartbeats * heartbeatMs
  );
}

export function onHeartbeatOk(turn: Turn, from: NodeId, group: Group, ballot: number, tick: number): void {
  if (group.role !== 'leader' || ballot !== diskOf(turn.state, group).ballot) return;
  group.rounds = group.rounds.map((round) =>
    round.tick === tick && !round.acks.includes(from) ? { ...round, acks: [...round.acks, from] } : round,
  );
  confirm(group);
}

type FromLeader = Extract<Message, { readonly kind: 'heartbeat' | 'accept' }>;

/** A replica hears its leader, or tells one of the past about the present. */
export function onLeader(turn: Turn, from: NodeId, group: Group, message: FromLeader): void {
  const { state } = turn;
  const { ballot } = diskOf(state, group);
  if (message.ballot < ballot) {
    send(turn, from, { kind: 'outdated', group: group.id, ballot });
    return;
  }
  adopt(turn, group, message.ballot);
  group.role = 'follower';
  group.silent = 0;
  state.leaders[group.id] = from;
  if (message.kind === 'accept') {
    keep(turn, group, message.items);
    const sequences: Table<number> = {};
    for (const key of keysOf(message.items)) {
      sequences[key] = lookUp(message.items, key)?.sequence ?? 0;
    }
    learn(turn, group, message.ballot, message.through);
    send(turn, from, { kind: 'accepted', group: group.id, ballot: message.ballot, sequences });
  } else {
    learn(turn, group, message.ballot, message.through);
    send(turn, from, { kind: 'heartbeat-ok', group: group.id, ballot: message.ballot, tick: message.tick });
  }
}

/** Gives an item the next number, keeps it here and sends it to the others. */
export function propose(turn: Turn, group: Group, key: string, item: Item, asker: Asker | null): void {
  const { state } = turn;
  const { ballot, items } = diskOf(state, group);
  const sequence = ++group.sequence;
  const accepted = { ...item, ballot, sequence };
  items[key] = { accepted, committed: lookUp(items, key)?.committed ?? null };
  persist(turn);
  group.pending = [...group.pending, { sequence, key, item: accepted, acks: [state.self], asker }];
  for (const member of group.members) {
    if (member !== state.self) (group.missing[member] ??= {})[key] = sequence;
  }
  const through = throughOf(group);
  tellOthers(turn, group, { kind: 'accept', group: group.id, ballot, through, items: { [key]: accepted } });
  commit(turn, group);
}

/** A member has an item, and with it everything earlier under its key. */
export function onAccepted(
  turn: Turn,
  from: NodeId,
  group: Group,
  ballot: number,
  sequences: Table<number>,
): void {
  if (group.role !== 'leader' || ballot !== diskOf(turn.state, group).ballot) return;
  const missing = group.missing[from] ?? {};
  for (const key of keysOf(sequences)) {
    const sequence = lookUp(sequences, key) ?? 0;
    if ((lookUp(missing, key) ?? 0) <= sequence) delete missing[key];
    group.pending = group.pending.map((pending) =>
      pending.key === key && pending.sequence <= sequence && !pending.acks.includes(from)
        ? { ...pending, acks: [...pending.acks, from] }
        : pending,
    );
  }
  commit(turn, group);
}

/** A new leader has this long until its first heartbeats must have been answered. */
const LEASE_BEGINS_TICKS = 3;
/** How many items a message carries at most. */
const BATCH = 50;

function confirm(group: Group): void {
  for (const { tick, at, acks } of group.rounds) {
    if (tick <= group.confirmed || acks.length < majorityOf(group)) continue;
    group.confirmed = tick;
    group.confirmedAt = at;
  }
}

function commit(turn: Turn, group: Group): void {
  const done = group.pending.filter(({ acks }) => acks.length >= majorityOf(group));
  if (done.length === 0) return;
  group.pending = group.pending.filter((pending) => !done.includes(pending));
  const { items } = diskOf(turn.state, group);
  for (const pending of done) {
    const { key, item } = pending;
    const kept = lookUp(items, key);
    if (kept !== undefined && (kept.committed === null || isLater(item, kept.committed))) {
      items[key] = { ...kept, committed: item };
      persist(turn);
    }
    turn.committed.push({ group, pending });
  }
}

function resend(turn: Turn, group: Group, member: NodeId): void {
  const { ballot, items } = diskOf(turn.state, group);
  const batch: Table<Item> = {};
  for (const key of keysOf(group.missing[member] ?? {}).slice(0, BATCH)) {
    const kept = lookUp(items, key);
    if (kept !== undefined) batch[key] = kept.accepted;
  }
  if (keysOf(batch).length === 0) return;
  send(turn, member, { kind: 'accept', group: group.id, ballot, through: throughOf(group), items: batch });
}
