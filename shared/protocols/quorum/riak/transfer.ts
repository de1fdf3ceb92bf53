import { keysOf, lookUp } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { mark, persist, send } from '../../turn.ts';
import { FORCED_TRANSFERS, HANDOFF_BATCH, TRANSFER_LIMIT } from './constants.ts';
import { type Entry, labelOf } from './entry.ts';
import { isUp } from './liveness.ts';
import { changedBy, isReady } from './ring-state.ts';
import type { Turn } from './turn.ts';
import type { RiakState, Transfer } from './types.ts';

/**
 * Ownership handoff (riak_core_vnode_manager.erl, `trigger_ownership_handoff`): of the first eight transfers of the
 * ring those that go out from here begin, two at a time, once everybody has seen the ring and the next owner is up.
 * An empty partition takes no time. Until it is done the partition is served here as before.
 */
export function onTransferCheck(turn: Turn): void {
  const { state } = turn;
  const { ring } = state.durable;
  if (!ring || !isReady(ring)) return;
  const transfers = (state.transfers ??= {});
  const mine = ring.pending
    .slice(0, FORCED_TRANSFERS)
    .filter(({ from, done }) => from === state.self && !done);
  // What is empty is noted on disk before anything is sent.
  for (const { partition, to } of mine) {
    if (isEmpty(state, partition) && isUp(state, to)) finish(turn, partition);
  }
  for (const { partition, to } of mine) {
    if (isEmpty(state, partition)) continue;
    const name = String(partition);
    if (!isUp(state, to)) delete transfers[name];
    else if (name in transfers || keysOf(transfers).length < TRANSFER_LIMIT) {
      goOn(turn, partition, (transfers[name] ??= { to, taken: {} }));
    }
  }
}

/** Whether a partition is to go from here to another owner. */
export function hasTransfers({ self, durable }: RiakState): boolean {
  return durable.ring?.pending.some(({ from, done }) => from === self && !done) ?? false;
}

/** The next owner has these. False where this is no answer to an ownership handoff. */
export function onTransferred(
  turn: Turn,
  from: NodeId,
  partition: number,
  labels: readonly (readonly [key: string, label: string])[],
): boolean {
  const transfer = lookUp(turn.state.transfers ?? {}, String(partition));
  if (transfer === undefined || transfer.to !== from) return false;
  for (const [key, label] of labels) transfer.taken[key] = label;
  goOn(turn, partition, transfer);
  return true;
}

function isEmpty({ durable }: RiakState, partition: number): boolean {
  return keysOf(lookUp(durable.vnodes, String(partition)) ?? {}).length === 0;
}

/** What the next owner lacks is sent, a batch at a time; with nothing left the partition is handed off. */
function goOn(turn: Turn, partition: number, transfer: Transfer): void {
  const shelf = lookUp(turn.state.durable.vnodes, String(partition)) ?? {};
  const entries = keysOf(shelf)
    .flatMap((key): [string, Entry][] => {
      const held = lookUp(shelf, key);
      return held === undefined || lookUp(transfer.taken, key) === labelOf(held.entry)
        ? []
        : [[key, held.entry]];
    })
    .slice(0, HANDOFF_BATCH);
  if (entries.length > 0) send(turn, transfer.to, { kind: 'handoff', partition, entries });
  else finish(turn, partition);
}

/**
 * From here on requests are passed on. The ring is not gossiped for this alone, so that several partitions make
 * one change (riak_core_vnode.erl, `mark_handoff_complete`).
 */
function finish(turn: Turn, partition: number): void {
  const { state } = turn;
  const { self, durable } = state;
  const { ring } = durable;
  const keys = keysOf(lookUp(durable.vnodes, String(partition)) ?? {});
  delete state.transfers?.[String(partition)];
  const move = ring?.pending.find((other) => other.partition === partition && other.from === self);
  if (!ring || move === undefined) return;
  const pending = ring.pending.map((other) => (other === move ? { ...move, done: true } : other));
  delete durable.vnodes[String(partition)];
  durable.ring = changedBy({ ...ring, pending }, self);
  persist(turn);
  if (keys.length > 0) {
    mark(turn, 'handoff', `${self} has handed partition ${partition} over to ${move.to}: ${keys.join(', ')}`);
  }
}
