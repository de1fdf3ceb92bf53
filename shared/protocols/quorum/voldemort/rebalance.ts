import { keysOf, lookUp } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { cancelTimer, mark, persist, send, setTimer } from '../../turn.ts';
import { partitionOf } from '../ring.ts';
import { foundersOf, isMember, ownersBy, setRebalancing } from './metadata.ts';
import { put } from './storage.ts';
import type { AdminRequest, Message, Reply, Turn } from './types.ts';

/**
 * A tool has this server fetch what a plan says, and asks how it goes (server/rebalance/Rebalancer.java,
 * rebalanceNode). Only the plan is on disk: who restarts fetches no more, and stays in its state.
 */
export function onSteal(turn: Turn, { task, again }: AdminRequest & { kind: 'steal' }): Reply {
  const { state } = turn;
  const { donor } = task;
  const known = lookUp(state.fetches ?? {}, donor);
  if (known !== undefined) return { kind: 'stealing', status: known.status };
  if (again) return { kind: 'refused', error: 'No operation found' };
  if (state.durable.rebalancing?.tasks.some((other) => other.donor === donor) !== true) {
    return { kind: 'refused', error: `Voldemort server ${state.self} not in rebalancing state` };
  }
  (state.fetches ??= {})[donor] = { task, status: 'running' };
  setTimer(turn, `steal-${donor}`, FETCH_TIMEOUT);
  send(turn, donor, { kind: 'fetch', partitions: task.partitions });
  return { kind: 'stealing', status: 'running' };
}

/** The donor gives all that it has of some partitions, and keeps it. */
export function onFetch(turn: Turn, from: NodeId, partitions: readonly number[]): void {
  const { state } = turn;
  const { data } = state.durable;
  const isWanted = (key: string): boolean => partitions.includes(partitionOf(key, foundersOf(state)));
  const entries = keysOf(data)
    .filter(isWanted)
    .map((key) => [key, lookUp(data, key) ?? []] as const);
  send(turn, from, { kind: 'fetched', partitions, entries });
}

/** What has come is kept beside what clients have written meanwhile; versions that are older are ignored. */
export function onFetched(
  turn: Turn,
  donor: NodeId,
  { partitions, entries }: Message & { kind: 'fetched' },
): void {
  const { state } = turn;
  const { rebalancing } = state.durable;
  const fetch = lookUp(state.fetches ?? {}, donor);
  if (rebalancing === undefined || fetch?.status !== 'running') return;
  if (fetch.task.partitions.join() !== partitions.join()) return;
  for (const [key, versions] of entries) for (const version of versions) put(turn, key, version);
  fetch.status = 'done';
  cancelTimer(turn, `steal-${donor}`);
  mark(turn, 'handoff', `${state.self} has fetched ${partitions.length} partitions from ${donor}`);
  const left = rebalancing.tasks.filter((task) => task.donor !== donor);
  setRebalancing(turn, left.length > 0 ? { ...rebalancing, tasks: left } : null);
}

/** The donor was not heard of for too long, or its process has died. */
export function onFetchFailed(turn: Turn, donor: NodeId): void {
  const fetch = lookUp(turn.state.fetches ?? {}, donor);
  if (fetch?.status !== 'running') return;
  fetch.status = 'failed';
  cancelTimer(turn, `steal-${donor}`);
}

/** Deletes what belongs to others by the cluster.xml of this server (`vadmin repair-job`). */
export function repair(turn: Turn): void {
  const { state } = turn;
  const { data, cluster } = state.durable;
  if (cluster === undefined || !isMember(state)) return;
  const foreign = keysOf(data).filter((key) => !ownersBy(cluster, state, key).includes(state.self));
  if (foreign.length === 0) return;
  for (const key of foreign) delete data[key];
  persist(turn);
  mark(turn, 'truncate', `${state.self} deletes what is not its own: ${foreign.join(', ')}`);
}

/** Milliseconds. The real one waits for its admin socket: a minute to open it, and a day for what comes over it. */
const FETCH_TIMEOUT = 60_000;
