import { bank } from './bank.ts';
import { cart } from './cart.ts';
import { chat } from './chat.ts';
import { configuration } from './configuration.ts';
import { feed } from './feed.ts';
import { keyValue } from './key-value.ts';
import { lock } from './lock.ts';
import { seats } from './seats.ts';
import { shop } from './shop.ts';
import { stock } from './stock.ts';
import type { Workload } from './workload.ts';

/** Everything a class can do with a cluster, in the order in which it is offered. */
export const WORKLOADS: readonly Workload[] = [
  keyValue,
  cart,
  bank,
  seats,
  stock,
  feed,
  chat,
  lock,
  configuration,
  shop,
];

export function findWorkload(id: string): Workload | undefined {
  return WORKLOADS.find((workload) => workload.id === id);
}
