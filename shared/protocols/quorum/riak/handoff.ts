import { keysOf, lookUp } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { mark, persist, send } from '../../turn.ts';
import { HANDOFF_BATCH, HANDOFF_CHECK, HANDOFF_IDLE } from './constants.ts';
import { type Entry, labelOf } from './entry.ts';
import { isUp } from './liveness.ts';
import { isMoving, ownersOf } from './membership.ts';
import { isReady } from './ring-state.ts';
import { hasTransfers, onTransferCheck, onTransferred } from './transfer.ts';
import type { Turn } from './turn.ts';
import { absorb, fallbacks, heldAt, watchFallbacks } from './vnode.ts';

const CHECKS_TO_WAIT = Math.floor(HANDOFF_IDLE / HANDOFF_CHECK);

/**
 * Hinted handoff (riak_core_vnode_manager.erl): a fallback vnode that has been idle for a minute gives
 * everything to the owner of its partition, if that is up. Neither this nor a move to another owner begins before
 * all members have seen the ring.
 */
export function onHandoffCheck(turn: Turn): void {
  const { state } = turn;
  state.handingOff = false;
  onTransferCheck(turn);
  const { ring } = state.durable;
  const isPlanned = !ring || isReady(ring);
  for (const partition of fallbacks(state)) {
    const checks = (lookUp(state.idle, String(partition)) ?? 0) + 1;
    state.idle[String(partition)] = checks;
    if (checks < CHECKS_TO_WAIT || !isPlanned || isMoving(state, partition)) continue;
    if (isUp(state, ownersOf(state)[partition] ?? '')) handOff(turn, partition);
  }
  if (fallbacks(state).length > 0 || hasTransfers(state)) watchFallbacks(turn);
}

export function onHandoff(
  turn: Turn,
  from: NodeId,
  partition: number,
  entries: readonly (readonly [key: string, entry: Entry])[],
): void {
  for (const [key, entry] of entries) {
    if (!absorb(turn, partition, key, entry)) continue;
    mark(turn, 'handoff', `${turn.state.self} gets ${key} from ${from}`);
  }
  const labels = entries.map(([key, entry]): [string, string] => [key, labelOf(entry)]);
  send(turn, from, { kind: 'handoff-ok', partition, labels });
}

/** The owner, present or next, has these: the fallback vnode forgets them, unless they have changed meanwhile, and goes on with the rest. */
export function onHandoffOk(
  turn: Turn,
  from: NodeId,
  partition: number,
  labels: readonly (readonly [key: string, label: string])[],
): void {
  if (onTransferred(turn, from, partition, labels)) return;
  const shelf = lookUp(turn.state.durable.vnodes, String(partition));
  if (shelf === undefined || !fallbacks(turn.state).includes(partition)) return;
  const gone = labels.filter(([key, label]) => {
    const held = heldAt(turn.state, partition, key);
    return held !== null && labelOf(held.entry) === label;
  });
  if (gone.length === 0) return;
  for (const [key] of gone) delete shelf[key];
  if (keysOf(shelf).length === 0) {
    delete turn.state.durable.vnodes[String(partition)];
    delete turn.state.idle[String(partition)];
  }
  persist(turn);
  handOff(turn, partition);
}

function handOff(turn: Turn, partition: number): void {
  const { state } = turn;
  const shelf = lookUp(state.durable.vnodes, String(partition)) ?? {};
  const entries = keysOf(shelf)
    .slice(0, HANDOFF_BATCH)
    .flatMap((key): [string, Entry][] => {
      const held = lookUp(shelf, key);
      return held === undefined ? [] : [[key, held.entry]];
    });
  if (entries.length === 0) return;
  send(turn, ownersOf(state)[partition] ?? '', { kind: 'handoff', partition, entries });
}
