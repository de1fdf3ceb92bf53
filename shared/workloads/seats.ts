import type { Workload } from './workload.ts';

const keys = ['1A', '1B', '2A', '2B', '3A', '3B'];

export const seats: Workload = {
  id: 'seats',
  title: 'Seat booking',
  summary: 'Six seats, each for one person: reserve yours.',
  invariant: 'A seat has one owner at most.',
  anomaly: 'Two people are told that the same seat is theirs.',
  offers: [
    { kind: 'reserve', keys, values: ['Ada', 'Grace', 'Leslie', 'Barbara'], share: 6 },
    { kind: 'read', keys, values: [], share: 4 },
    { kind: 'delete', keys, values: [], share: 0 },
  ],
  freeKeys: false,
};
