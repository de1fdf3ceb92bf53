import { equal } from '../../../base/json.ts';
import { type LwwRegister, mergeLww } from '../../../data/crdt/lww-register.ts';
import { contextOfMv, mergeMv, type MvRegister, writeMv } from '../../../data/crdt/mv-register.ts';
import { describeClock } from '../../../data/vector-clock.ts';
import type { Stored } from '../../../sim/operation.ts';
import { availableStore, type MeetingRules } from './available-replica.ts';

/**
 * The text's "Last-Write-Wins": the larger `time.time()` stays. The text's `max` leaves ties to the order of
 * arrival; here they go by the writer's name, or the copies would not agree.
 */
const lastWriteWins: MeetingRules<LwwRegister<Stored>> = {
  name: 'textbook last write wins',
  write: (held, value, writer, now) => {
    const written = { value, at: now, writer };
    return held === null ? written : mergeLww(held, written);
  },
  merge: mergeLww,
  valuesIn: ({ value }) => (value === null ? [] : [value]),
  describe: ({ at, writer }) => `${at} by ${writer}`,
  conflictIn: (before, arrived, after) => {
    if (equal(before, arrived) || arrived.writer === before.writer) return null;
    const lost = equal(after, before) ? arrived : before;
    return `of ${before.at} by ${before.writer} and ${arrived.at} by ${arrived.writer} the later time stays, the write of ${lost.writer} is gone`;
  },
};

/**
 * The text's "Vector Clocks": writes that have not seen each other are kept side by side. The clock is the
 * node's, not the writer's: a write supersedes everything its node has received, seen by the writer or not.
 */
const vectorClocks: MeetingRules<MvRegister<Stored>> = {
  name: 'textbook vector clocks',
  write: (held, value, writer) => writeMv(held ?? [], value, writer),
  merge: mergeMv,
  valuesIn: (versions) => versions.map(({ value }) => value).filter((value) => value !== null),
  describe: (versions) => versions.map(({ clock }) => describeClock(clock)).join(' | '),
  conflictIn: (before, _arrived, after) =>
    after.length > 1 && after.length > before.length
      ? `${after.length} writes have not seen each other (${describeClock(contextOfMv(after))}): all are kept`
      : null,
};

export const lastWriteWinsStore = availableStore(lastWriteWins);
export const vectorClockStore = availableStore(vectorClocks);
