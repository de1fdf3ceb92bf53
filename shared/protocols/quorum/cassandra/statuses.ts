import { keysOf, lookUp } from '../../../base/table.ts';
import { firstArrival } from '../../../data/phi-accrual.ts';
import type { NodeId } from '../../../sim/operation.ts';
import type { Statuses } from './messages.ts';
import { ringOf, type Turn } from './turn.ts';
import type { Status, StatusEntry } from './membership.ts';
import type { CassandraState } from './types.ts';

/** Where a node is in its life, as far as this one has heard; null: nobody has ever made it a member. */
export function statusOf(
  { members, nodes, durable }: Pick<CassandraState, 'members' | 'nodes' | 'durable'>,
  node: NodeId,
): Status | null {
  const known = lookUp(durable.statuses ?? {}, node);
  return known?.status ?? ((members ?? nodes).includes(node) ? 'NORMAL' : null);
}

/** Whether clients find a server at this node: not before it has joined, and not after it has left or was removed. */
export function isServing(state: CassandraState): boolean {
  return ringOf(state).includes(state.self) && statusOf(state, state.self) !== 'REMOVING';
}

/** Whether this node takes part: it is a member, or about to be one. */
export function isTakingPart(state: CassandraState): boolean {
  return ['NORMAL', 'JOINING', 'LEAVING'].includes(statusOf(state, state.self) ?? '');
}

/** The nodes that are on the ring and do not leave it. */
export function stayingOf(state: CassandraState): readonly NodeId[] {
  return state.nodes.filter((node) => statusOf(state, node) === 'NORMAL');
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
  const { self } = turn.state;
  set(turn, self, { status, version: nextVersion(turn, self) });
}

/** The status of a dead node changes: this one speaks for it, as if that had done so itself. */
export function declare(turn: Turn, node: NodeId, status: 'REMOVING' | 'LEFT'): void {
  set(turn, node, { status, version: nextVersion(turn, node), by: turn.state.self });
}

/** The later status of each node counts. */
export function learnStatuses(turn: Turn, statuses: Statuses): void {
  const { state } = turn;
  for (const node of keysOf(statuses)) {
    const told = lookUp(statuses, node);
    const known = lookUp(state.durable.statuses ?? {}, node);
    if (told === undefined) continue;
    if (node === state.self && known !== undefined && isForgotten(told, known)) enter(turn, known.status);
    if (!isLater(told, known)) continue;
    const isNew = !peersOf(state).includes(node);
    set(turn, node, told);
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
  const ring = withStatus('NORMAL', 'LEAVING', 'REMOVING');
  const staying = stayingOf(state);
  const joining = withStatus('JOINING');
  const futures = [staying, ...joining.map((one) => inOrder(state, [...staying, one]))];
  const changed = futures.filter((future) => future.join() !== ring.join());
  state.ring = ring;
  if (changed.length === 0) delete state.futures;
  else state.futures = changed;
}

/** Some of the nodes, as all lists of them are ordered. */
export function inOrder({ nodes }: CassandraState, some: readonly NodeId[]): readonly NodeId[] {
  return nodes.filter((node) => some.includes(node));
}

const JOINER_TIMEOUT = 30_000;

/** The later status counts; of two that others have declared of a dead node at once, the same one for all. */
function isLater(told: StatusEntry, known: StatusEntry | undefined): boolean {
  if (told.version !== known?.version) return told.version > (known?.version ?? 0);
  if (told.by === undefined || known.by === undefined) return false;
  return told.status === known.status ? told.by < known.by : told.status === 'LEFT';
}

/** Whether somebody has given up this node, which is still on its way: it says so once more, with a later version. */
function isForgotten(told: StatusEntry, own: StatusEntry): boolean {
  return told.version === own.version && told.status !== own.status;
}

function nextVersion({ state }: Turn, node: NodeId): number {
  return (lookUp(state.durable.statuses ?? {}, node)?.version ?? 0) + 1;
}

function set(turn: Turn, node: NodeId, entry: StatusEntry): void {
  const { state } = turn;
  (state.durable.statuses ??= {})[node] = entry;
  if (entry.status === 'LEFT') {
    delete state.durable.hints[node];
    delete state.down[node];
  }
  drawRing(state);
  turn.persists = true;
}
