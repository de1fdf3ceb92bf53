import { OPENING_BALANCE } from './programs.ts';
import type { Workload } from './workload.ts';

const keys = ['alice', 'bob', 'carol', 'dave'];

export const bank: Workload = {
  id: 'bank',
  title: 'Bank transfer',
  summary: `Four accounts, ${OPENING_BALANCE} in each: move money from one to another.`,
  invariant: 'No transfer makes or destroys money, and no account goes below zero.',
  anomaly: 'Money is made or lost: a transfer is done by half, or two sides spend the same money.',
  offers: [
    { kind: 'transfer', keys, values: [10, 25, 50], share: 6 },
    { kind: 'read', keys, values: [], share: 4 },
  ],
  freeKeys: false,
};
