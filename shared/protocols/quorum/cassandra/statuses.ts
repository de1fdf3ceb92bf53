import { keysOf, lookUp } from '../../../base/table.ts';
import { firstArrival } from '../../../data/phi-accrual.ts';
import type { NodeId } from '../../../sim/operation.ts';
import type { Statuses } from './messages.ts';
import { ringOf, type Turn } from './turn.ts';
import type { CassandraState, Status, StatusEntry } from './types.ts';

/** Where a node is in its life, as far as this one has heard; null: nobody has ever made it a member. */
export function statusOf({ members, nodes, durable }: CassandraState, node: NodeId): Status | null {
  const known = lookUp(durable.statuses ?? {}, node);
  return known?.status ?? ((members ?? nodes).includes(node) ? 'NORMAL' : null);
}

/** Whether clients find a server at this node: not before it has joined, and not after it has left. */
export function isServing(state: CassandraState): boolean {
  return ringOf(state).includes(state.self);
}

/** The nodes that gossip: members, and who is about to be one. */
export function peersOf(state: CassandraState): readonly NodeId[] {
  if (state.members === undefined && state.durable.statuses === undefined) return state.nodes;
  return state.nodes.filter((node) => !['LEFT', null].includes(statusOf(state, node)));
}

/** What gossip carries of it; nothing while nobody has come or gone. */
export function statusesOf({ durable }: CassandraState): { readonly statuses?: Statuses } {
  return durable.statuses === undefined ? {} : { statuses: { ...durable.statuses } };
}

/** This node's own status changes: a later one of it than any that others know. */
export function enter(turn: Turn, status: Status): void {
  const { self, durable } = turn.state;
  const version = (lookUp(durable.statuses ?? {}, self)?.version ?? 0) + 1;
  set(turn, self, { status, version });
}

/** The later status of each node counts. */
export function learnStatuses(turn: Turn, statuses: Statuses): void {
  const { state } = turn;
  for (const node of keysOf(statuses)) {
    const told = lookUp(statuses, node);
    const known = lookUp(state.durable.statuses ?? {}, node);
    if (told === undefined || told.version <= (known?.version ?? 0)) continue;
    const isNew = !peersOf(state).includes(node);
    set(turn, node, told);
    if (told.status === 'LEFT') delete state.durable.hints[node];
    if (!isNew || node === state.self) continue;
    delete state.down[node];
    firstArrival(state.arrivals, state.nodes.indexOf(node), state.round);
  }
}

/** Who began to join and has been silent for half a minute is forgotten (a "fat client" that timed out). */
export function forgetSilentJoiners(turn: Turn): void {
  const { state, now } = turn;
  for (const node of keysOf(state.durable.statuses ?? {})) {
    const known = lookUp(state.durable.statuses ?? {}, node);
    const since = lookUp(state.down, node) ?? now;
    if (known?.status === 'JOINING' && now - since > JOINER_TIMEOUT) {
      set(turn, node, { ...known, status: 'LEFT' });
    }
  }
}

/** Works out the ring, and the ring that is to be. */
export function drawRing(state: CassandraState): void {
  const withStatus = (...wanted: Status[]) =>
    state.nodes.filter((node) => wanted.some((status) => status === statusOf(state, node)));
  const ring = withStatus('NORMAL', 'LEAVING');
  const future = withStatus('NORMAL', 'JOINING');
  state.ring = ring;
  if (future.join() === ring.join()) delete state.future;
  else state.future = future;
}

const JOINER_TIMEOUT = 30_000;

function set(turn: Turn, node: NodeId, entry: StatusEntry): void {
  const { state } = turn;
  (state.durable.statuses ??= {})[node] = entry;
  drawRing(state);
  turn.persists = true;
}
