import type { Workload } from './workload.ts';

export const keyValue: Workload = {
  id: 'key-value',
  title: 'Key–value',
  summary: 'One shared value under each key: everybody reads and writes.',
  kinds: ['write', 'read', 'delete'],
  keys: ['colour', 'motto', 'winner'],
  freeKeys: true,
  values: ['red', 'green', 'blue', 'gold'],
};
