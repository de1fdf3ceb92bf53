import type { Workload } from './workload.ts';

const keys = ['printer'];
const names = ['Ada', 'Grace', 'Leslie', 'Barbara'];

export const lock: Workload = {
  id: 'lock',
  title: 'Distributed lock',
  summary: 'One printer, one lock: take it, print a page, give it back.',
  invariant: 'One holder at a time; the printer takes growing tokens only.',
  anomaly:
    'A holder that slept too long and its successor both believe they hold the lock, and print on one page.',
  offers: [
    { kind: 'lock', keys, values: names, share: 4 },
    { kind: 'unlock', keys, values: [], share: 3 },
    { kind: 'write', keys: ['page'], values: names, share: 2 },
    { kind: 'read', keys: ['page', ...keys], values: [], share: 3 },
  ],
  freeKeys: false,
};
