import type { Workload } from './workload.ts';

const keys = ['printer'];

export const lock: Workload = {
  id: 'lock',
  title: 'Distributed lock',
  summary: 'One printer, one lock: take it, use the printer, give it back.',
  invariant: 'One holder at a time; the printer takes growing tokens only.',
  anomaly: 'A holder that slept too long and its successor both believe they hold the lock.',
  offers: [
    { kind: 'lock', keys, values: ['Ada', 'Grace', 'Leslie', 'Barbara'], share: 4 },
    { kind: 'unlock', keys, values: [], share: 3 },
    { kind: 'read', keys, values: [], share: 3 },
  ],
  freeKeys: false,
};
