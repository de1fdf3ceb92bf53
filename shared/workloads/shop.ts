import { OPENING_STOCK } from './programs.ts';
import type { Workload } from './workload.ts';

/**
 * Each part may have a store of its own: the name before the slash is the store's. Run on one system, a key with a
 * slash is a key like any other.
 */
export const shop: Workload = {
  id: 'shop',
  title: 'Hybrid shop',
  summary: `Cart and reviews that always answer, a stock of ${OPENING_STOCK} that never lies: one shop, two stores.`,
  invariant: 'No more is sold than there was, and no cart loses an item.',
  anomaly: 'Everything in one store: the shop closes during a split, or sells what it does not have.',
  offers: [
    { kind: 'add', keys: ['cart/basket'], values: ['lamp', 'chair', 'rug', 'clock'], share: 4 },
    { kind: 'checkout', keys: ['stock/lamp', 'stock/chair'], values: [1], share: 2 },
    { kind: 'post', keys: ['cart/reviews'], values: ['lovely', 'too small', 'again!'], share: 1 },
    {
      kind: 'read',
      keys: ['cart/basket', 'cart/reviews', 'stock/lamp', 'stock/chair'],
      values: [],
      share: 3,
    },
  ],
  freeKeys: false,
};
