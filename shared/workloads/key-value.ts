import type { Workload } from './workload.ts';

const keys = ['colour', 'motto', 'winner'];

export const keyValue: Workload = {
  id: 'key-value',
  title: 'Key–value',
  summary: 'One shared value under each key: everybody reads and writes.',
  invariant: 'A read returns the value written last.',
  anomaly: 'Stale reads; two values for one key after a split.',
  offers: [
    { kind: 'write', keys, values: ['red', 'green', 'blue', 'gold'], share: 4 },
    { kind: 'read', keys, values: [], share: 6 },
    { kind: 'delete', keys, values: [], share: 0 },
  ],
  freeKeys: true,
};
