import type { Operation } from './history.ts';

/**
 * Operations that must stand next to each other in any order of the history: a write, what read it, the
 * compare-and-set that replaced it, what read that … `levels` says how they follow each other.
 */
export type Block = {
  readonly members: readonly Member[];
  /** Whether it begins with the unwritten value, before everything else. */
  readonly isFirst: boolean;
};

/** Members of one level are in no particular order; each level comes after those below it. */
export type Member = { readonly operation: Operation; readonly level: number };

/** One operation ended before another began. `ended` is null for the beginning of time, before which nothing began. */
export type Precedence = { readonly ended: Operation | null; readonly began: Operation };

/**
 * Why blocks cannot be put in an order. `order`: within a block a later operation ended before an earlier one
 * began. `blocks`: each of two blocks would have to come before the other.
 */
export type Conflict = {
  readonly kind: 'order' | 'blocks';
  readonly precedes: readonly Precedence[];
};

/**
 * Whether blocks fit into the times of their operations, in O(n log n): a conflict, or null. Gibbons and Korach,
 * "Testing shared memories", SIAM J. Comput. 26(4), 1997, theorem 4.13 for a write and its reads; it holds for
 * blocks because all that it uses is that they are contiguous. A block must come before another exactly when its
 * earliest return is before the other's latest call, and two blocks are enough for any circle of such demands: of
 * the blocks in a circle the one whose latest call is last comes after all the others, the next of the circle too.
 */
export function findConflict(blocks: readonly Block[]): Conflict | null {
  for (const block of blocks) {
    const conflict = conflictWithin(block);
    if (conflict !== null) return conflict;
  }
  return conflictBetween(blocks.map(zoneOf));
}

function conflictWithin({ members }: Block): Conflict | null {
  if (members.length === 1) return null;
  const descending = [...members].sort((a, b) => b.level - a.level);
  /** The earliest return on the levels above. */
  let above: Operation | null = null;
  let index = 0;
  while (index < descending.length) {
    const level = (descending[index] as Member).level;
    let end = index;
    for (; end < descending.length && descending[end]?.level === level; end++) {
      const { operation } = descending[end] as Member;
      if (above !== null && above.ret < operation.call) {
        return { kind: 'order', precedes: [{ ended: above, began: operation }] };
      }
    }
    for (; index < end; index++) {
      const { operation } = descending[index] as Member;
      if (above === null || operation.ret < above.ret) above = operation;
    }
  }
  return null;
}

/** What of a block matters to the others: its earliest return and its latest call. */
type Zone = {
  readonly firstReturn: number;
  readonly lastCall: number;
  readonly ended: Operation | null;
  readonly began: Operation;
};

function zoneOf({ members, isFirst }: Block): Zone {
  const operations = members.map(({ operation }) => operation);
  const ended = operations.reduce((a, b) => (b.ret < a.ret ? b : a));
  const began = operations.reduce((a, b) => (b.call > a.call ? b : a));
  if (isFirst) return { firstReturn: -Infinity, lastCall: began.call, ended: null, began };
  return { firstReturn: ended.ret, lastCall: began.call, ended, began };
}

/** A forward zone has its earliest return before its latest call: the block occupies all the time between. */
function conflictBetween(zones: readonly Zone[]): Conflict | null {
  const forward = zones
    .filter(({ firstReturn, lastCall }) => firstReturn < lastCall)
    .sort((a, b) => a.firstReturn - b.firstReturn || a.lastCall - b.lastCall);
  for (let i = 1; i < forward.length; i++) {
    const [a, b] = [forward[i - 1] as Zone, forward[i] as Zone];
    // They are apart so far, so that the one before reaches furthest.
    if (b.firstReturn < a.lastCall) return conflictOf(a, b);
  }
  for (const zone of zones) {
    if (zone.firstReturn < zone.lastCall) continue;
    const around = lastBefore(forward, zone.lastCall);
    if (around !== undefined && zone.firstReturn < around.lastCall) return conflictOf(around, zone);
  }
  return null;
}

/** The last zone, by its earliest return, of those that begin before a time. */
function lastBefore(forward: readonly Zone[], time: number): Zone | undefined {
  let low = 0;
  let high = forward.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((forward[middle] as Zone).firstReturn < time) low = middle + 1;
    else high = middle;
  }
  return forward[low - 1];
}

function conflictOf(a: Zone, b: Zone): Conflict {
  return {
    kind: 'blocks',
    precedes: [
      { ended: a.ended, began: b.began },
      { ended: b.ended, began: a.began },
    ],
  };
}
