import type { Workload } from './workload.ts';

export const cart: Workload = {
  id: 'cart',
  title: 'Shopping cart',
  summary: 'One cart for the whole class: everybody adds and removes items.',
  kinds: ['add', 'remove', 'read'],
  keys: ['cart'],
  freeKeys: false,
  values: ['apples', 'bread', 'cheese', 'dates', 'eggs', 'figs'],
};
