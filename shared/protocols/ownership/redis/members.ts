import { keysOf, lookUp, type Table } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { closeAll, closeFor, rangesOwnedIn, setOwner } from './owners.ts';
import { lead } from './replication.ts';
import {
  cancelTimer,
  CRON,
  isMaster,
  knows,
  mark,
  memberOf,
  reconfigured,
  REPLICATION_CRON,
  setTimer,
  type Turn,
} from './turn.ts';

/** A node that was removed is not taken in again for so long because others tell of it: CLUSTER_BLACKLIST_TTL. */
const FORGOTTEN_FOR = 60_000;

/** Takes a node in: a master without slots until it says otherwise. */
export function addNode(turn: Turn, node: NodeId): void {
  const { state } = turn;
  state.founders ??= [...state.nodes];
  state.durable.members[node] = { configEpoch: 0, master: null, failed: false };
  state.nodes.push(node);
  state.pongs.push(turn.now);
  reconfigured(turn);
}

/** A node that was told to meet another, or was met, has its part in a cluster from then on. */
export function becomeMember(turn: Turn): void {
  const { state, now } = turn;
  const { durable, self } = state;
  if (durable.isMember) return;
  for (const node of keysOf(durable.members)) if (node !== self) removeNode(turn, node);
  durable.isMember = true;
  state.startedAt = now;
  setTimer(turn, 'cron', CRON);
  setTimer(turn, 'replication', REPLICATION_CRON);
  lead(state);
  mark(turn, 'role', 'belongs to a cluster now');
  reconfigured(turn);
}

/** CLUSTER RESET SOFT: the node belongs to no cluster any more, and keeps nothing. Returns the error, or null. */
export function leave(turn: Turn): string | null {
  const { state } = turn;
  const { durable, self } = state;
  if (isMaster(state, self) && keysOf(durable.data).length > 0) {
    return "ERR CLUSTER RESET can't be called with master nodes containing keys";
  }
  for (const node of [...state.nodes]) if (node !== self) removeNode(turn, node);
  for (const range of rangesOwnedIn(durable, self)) setOwner(durable, range, null);
  durable.data = {};
  durable.isMember = false;
  closeAll(durable);
  for (const node of keysOf(state.replication.replicas)) delete state.replication.replicas[node];
  lead(state);
  state.election = null;
  state.isClusterOk = false;
  cancelTimer(turn, 'cron');
  cancelTimer(turn, 'replication');
  mark(turn, 'role', 'belongs to no cluster any more');
  turn.isDirty = true;
  return null;
}

/** Forgets a node, and all that was known of it. Its slots are nobody's then. A replica stays attached: that is a connection of its own. */
export function removeNode(turn: Turn, node: NodeId): void {
  const { state } = turn;
  const { durable } = state;
  state.founders ??= [...state.nodes];
  const place = state.nodes.indexOf(node);
  state.nodes.splice(place, 1);
  state.pongs.splice(place, 1);
  for (const range of rangesOwnedIn(durable, node)) setOwner(durable, range, null);
  closeFor(durable, node);
  const tables: Table<unknown>[] = [
    durable.members,
    state.pings,
    state.suspects,
    state.failures,
    state.reports,
    state.votes,
    state.offsets,
    state.orphans ?? {},
  ];
  for (const table of tables) delete table[node];
  for (const reported of keysOf(state.reports)) delete state.reports[reported]?.[node];
  for (const other of keysOf(durable.members)) {
    const member = memberOf(state, other);
    if (member.master === node) member.master = null;
  }
  reconfigured(turn);
}

/** CLUSTER FORGET. Returns the error, or null. */
export function forget(turn: Turn, node: NodeId): string | null {
  const { state } = turn;
  if (node === state.self) return "ERR I tried hard but I can't forget myself...";
  if (!knows(state, node)) return isForgotten(turn, node) ? null : `ERR Unknown node ${node}`;
  if (memberOf(state, state.self).master === node) return "ERR Can't forget my master!";
  remember(turn, node, FORGOTTEN_FOR);
  removeNode(turn, node);
  return null;
}

/** Others tell whom they were told to forget, so that no node has to be told by itself. */
export function forgetToo(turn: Turn, forgotten: Readonly<Table<number>>): void {
  const { state } = turn;
  for (const node of keysOf(forgotten)) {
    if (node === state.self || !knows(state, node) || memberOf(state, state.self).master === node) continue;
    remember(turn, node, forgotten[node] ?? 0);
    removeNode(turn, node);
  }
}

export function isForgotten({ state, now }: Turn, node: NodeId): boolean {
  return (lookUp(state.forgotten ?? {}, node) ?? now) > now;
}

/** The other members that this node takes for replicas of a master. */
export function replicasOf({ state }: Turn, master: NodeId): NodeId[] {
  return state.nodes.filter((node) => !isMaster(state, node) && memberOf(state, node).master === master);
}

function remember({ state, now }: Turn, node: NodeId, time: number): void {
  (state.forgotten ??= {})[node] = now + time;
}
