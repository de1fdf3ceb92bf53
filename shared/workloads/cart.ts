import type { Workload } from './workload.ts';

const keys = ['cart'];
const items = ['apples', 'bread', 'cheese', 'dates', 'eggs', 'figs'];

export const cart: Workload = {
  id: 'cart',
  title: 'Shopping cart',
  summary: 'One cart for the whole class: everybody adds and removes items.',
  invariant: 'What was put into the cart and not taken out is there.',
  anomaly: 'A side’s items vanish, or removed ones come back, when two carts are merged.',
  offers: [
    { kind: 'add', keys, values: items, share: 5 },
    { kind: 'remove', keys, values: items, share: 2 },
    { kind: 'read', keys, values: [], share: 3 },
  ],
  freeKeys: false,
};
