import { lastWriteWinsStore } from '../protocols/quorum/textbook/meetings.ts';
import { availableSystem } from './available.ts';
import type { System } from './system.ts';

/** The `APDatabase` of the source text. */
export const lastWriteWins: System = {
  ...availableSystem,
  id: 'last-write-wins',
  title: 'Textbook: last write wins',
  summary:
    "The text's AP store: every node says yes, and the later timestamp stays. Against what the text says: it does not merge, a cart loses one side's items and a counter likes, nobody is told, and a clock that is ahead wins against later writes.",
  protocol: lastWriteWinsStore,
};
