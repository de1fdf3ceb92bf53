import { keysOf, lookUp } from '../../../base/table.ts';
import { describeClock } from '../../../data/vector-clock.ts';
import { mark, persist, send, setTimer } from '../../turn.ts';
import { HANDOFF_CHECK } from './constants.ts';
import { concurrentValues, EMPTY, type Entry, mergeEntries, overwritten } from './entry.ts';
import { isSpare, isToBeOwn, ownersOf } from './membership.ts';
import type { Turn } from './turn.ts';
import type { GetMessage, Held, Message, PutMessage, RiakState } from './types.ts';

type VnodeAnswer = Extract<Message, { kind: 'put-ok' | 'got' }>;

/** What a vnode of this node has of a key; null when it has nothing. */
export function heldAt(state: RiakState, partition: number, key: string): Held | null {
  return lookUp(lookUp(state.durable.vnodes, String(partition)) ?? {}, key) ?? null;
}

/** Merges what another vnode has into this one: read repair, handoff, anti-entropy. True when something was new. */
export function absorb(turn: Turn, partition: number, key: string, arrived: Entry): boolean {
  return take(turn, partition, key, arrived, mergeEntries);
}

/** Does what another node asks of a vnode, and says how that went. */
export function carryOut(turn: Turn, message: PutMessage | GetMessage): VnodeAnswer {
  const { id, partition, key } = message;
  if (message.kind === 'get') {
    return { kind: 'got', id, partition, entry: heldAt(turn.state, partition, key)?.entry ?? null };
  }
  replicate(turn, partition, key, message.entry);
  return { kind: 'put-ok', id, partition };
}

/** Takes a write that another vnode coordinates. */
export function replicate(turn: Turn, partition: number, key: string, arrived: Entry): void {
  take(turn, partition, key, arrived, overwritten);
}

/** Puts an entry under a key as it is. */
export function keep(turn: Turn, partition: number, key: string, held: Held): void {
  const { state } = turn;
  const shelf = (state.durable.vnodes[String(partition)] ??= {});
  const isNew = lookUp(shelf, key) === undefined;
  shelf[key] = held;
  persist(turn);
  passOn(turn, partition, key, held);
  if (isMine(state, partition)) return;
  state.idle[String(partition)] = 0;
  watchFallbacks(turn);
  if (isNew) mark(turn, 'hint', `${state.self} keeps ${key} for ${ownersOf(state)[partition] ?? 'nobody'}`);
}

/**
 * The name under which a vnode counts its writes of a key. A vnode that has nothing of the key, because it has
 * handed it off or lost it, must not count on under an old name: others know what it once numbered (Riak 2.1's
 * per-key actor epochs).
 */
export function actorFor(turn: Turn, key: string, held: Held | null): string {
  if (held !== null && held.actor !== null) return held.actor;
  const { epochs, writer } = turn.state.durable;
  const epoch = (lookUp(epochs, key) ?? 0) + 1;
  epochs[key] = epoch;
  return epoch === 1 ? writer : `${writer}.${epoch}`;
}

/** The partitions this node keeps for others that have anything in them. */
export function fallbacks(state: RiakState): number[] {
  const { vnodes } = state.durable;
  if (isSpare(state)) return [];
  return keysOf(vnodes)
    .filter((partition) => keysOf(lookUp(vnodes, partition) ?? {}).length > 0)
    .map(Number)
    .filter((partition) => !isMine(state, partition));
}

export function watchFallbacks(turn: Turn): void {
  if (turn.state.handingOff) return;
  turn.state.handingOff = true;
  setTimer(turn, 'handoff', HANDOFF_CHECK);
}

export function isOwn(state: RiakState, partition: number): boolean {
  return ownersOf(state)[partition] === state.self;
}

function isMine(state: RiakState, partition: number): boolean {
  return isOwn(state, partition) || isToBeOwn(state, partition);
}

/**
 * While a partition is being handed off, what is written to it goes to its next owner as well, who may have been
 * given the key already (riak_kv_vnode.erl, `handle_handoff_command`).
 */
function passOn(turn: Turn, partition: number, key: string, { entry }: Held): void {
  const transfer = lookUp(turn.state.transfers ?? {}, String(partition));
  if (transfer !== undefined)
    send(turn, transfer.to, { kind: 'handoff', partition, entries: [[key, entry]] });
}

function take(
  turn: Turn,
  partition: number,
  key: string,
  arrived: Entry,
  meet: typeof mergeEntries,
): boolean {
  const { knobs } = turn.state;
  const before = heldAt(turn.state, partition, key) ?? { entry: EMPTY, actor: null };
  const entry = meet(knobs, before.entry, arrived);
  if (entry === before.entry) return false;
  keep(turn, partition, key, { ...before, entry });
  markMeeting(turn, key, before.entry, arrived, entry);
  return true;
}

function markMeeting(turn: Turn, key: string, before: Entry, arrived: Entry, after: Entry): void {
  const { self, knobs } = turn.state;
  const [was, is] = [before.object.values.length, after.object.values.length];
  if (concurrentValues(knobs, before, arrived) > 1 && is >= was) {
    const outcome = is > 1 ? 'all are kept' : 'the one modified last stays, the others are lost';
    const versions = describeClock(after.object.seen);
    mark(turn, 'conflict', `${self} has concurrent values of ${key} (${versions}): ${outcome}`);
  } else if (was > 1 && is === 1) {
    mark(turn, 'merge', `${self} has one value of ${key} again (${describeClock(after.object.seen)})`);
  }
}
