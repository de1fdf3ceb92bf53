import { vectorClockStore } from '../protocols/quorum/textbook/meetings.ts';
import { availableSystem } from './available.ts';
import type { System } from './system.ts';

/** The AP store of the source text with its `VectorClock` in place of timestamps. */
export const vectorClock: System = {
  ...availableSystem,
  id: 'vector-clock',
  title: 'Textbook: vector clocks',
  summary:
    "The text's AP store with vector clocks: concurrent writes are kept as siblings. Against what the text says: clocks only detect a conflict, somebody must resolve it, by a write; and equal clocks are no conflict, as its concurrent() would have it.",
  protocol: vectorClockStore,
};
