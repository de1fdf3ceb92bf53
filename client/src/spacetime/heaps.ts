import { MESSAGE_LOOKS, type MessageLook } from '../cluster/message-look.ts';
import type { Message } from './chunk.ts';
import type { Rows } from './rows.ts';

/** What messages are counted by: what they are for, where they arrived; or that they were lost. */
export type HeapKind = MessageLook | 'lost';
export const HEAP_KINDS: readonly HeapKind[] = ['lost', ...MESSAGE_LOOKS];

/**
 * Messages too many to be told apart, counted: each once, where it arrived or, when it was lost, where it came from,
 * at the time of its end. `slots` of equal length follow each other from `from` on.
 */
export type Heaps = {
  readonly from: number;
  readonly slotMs: number;
  readonly slots: number;
  /** By slot, line and kind. */
  readonly counts: Uint32Array;
  /** All in all, and the highest heap. */
  readonly total: number;
  readonly most: number;
};

/** One heap: a line in one slot. */
export type Heap = {
  readonly row: number;
  readonly from: number;
  readonly until: number;
  readonly counts: readonly { readonly kind: HeapKind; readonly count: number }[];
  readonly total: number;
};

/** Counts the messages that ended after `from` and not after the end of the last slot, between two lines that are shown. */
export function heap(
  messages: readonly Message[],
  rows: Rows,
  from: number,
  slotMs: number,
  slots: number,
): Heaps {
  const lines = rows.list.length;
  const counts = new Uint32Array(slots * lines * HEAP_KINDS.length);
  const heights = new Uint32Array(slots * lines);
  const places = new Map(HEAP_KINDS.map((kind, index) => [kind, index]));
  let total = 0;
  for (const message of messages) {
    const { fate, look, at } = message;
    const [start, end] = [rows.of[message.from] ?? -1, rows.of[message.to] ?? -1];
    if (fate === 'under way' || start === -1 || end === -1 || start === end) continue;
    const slot = Math.ceil((at - from) / slotMs) - 1;
    if (slot < 0 || slot >= slots) continue;
    const kind = places.get(fate === 'delivered' ? look : 'lost') ?? 0;
    const place = slot * lines + (fate === 'delivered' ? end : start);
    const index = place * HEAP_KINDS.length + kind;
    counts[index] = (counts[index] ?? 0) + 1;
    heights[place] = (heights[place] ?? 0) + 1;
    total++;
  }
  return {
    from,
    slotMs,
    slots,
    counts,
    total,
    most: heights.reduce((most, height) => Math.max(most, height), 0),
  };
}

/** The heap of a line at a time; null where there is none. */
export function heapAt(
  { from, slotMs, slots, counts }: Heaps,
  rows: Rows,
  row: number,
  at: number,
): Heap | null {
  const slot = Math.ceil((at - from) / slotMs) - 1;
  if (slot < 0 || slot >= slots || row < 0) return null;
  const start = (slot * rows.list.length + row) * HEAP_KINDS.length;
  const found = HEAP_KINDS.map((kind, index) => ({ kind, count: counts[start + index] ?? 0 })).filter(
    ({ count }) => count > 0,
  );
  const total = found.reduce((sum, { count }) => sum + count, 0);
  const begin = from + slot * slotMs;
  return total === 0 ? null : { row, from: begin, until: begin + slotMs, counts: found, total };
}
