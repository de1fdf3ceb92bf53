import { OPENING_STOCK } from './programs.ts';
import type { Workload } from './workload.ts';

const keys = ['tickets', 'consoles'];

export const stock: Workload = {
  id: 'stock',
  title: 'Stock',
  summary: `${OPENING_STOCK} of each thing: buy while there are some.`,
  invariant: 'No more is sold than there was.',
  anomaly: 'Both sides of a split sell the last one.',
  offers: [
    { kind: 'checkout', keys, values: [1, 2], share: 6 },
    { kind: 'read', keys, values: [], share: 4 },
  ],
  freeKeys: false,
};
