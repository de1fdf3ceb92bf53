import { cart } from './cart.ts';
import { keyValue } from './key-value.ts';
import type { Workload } from './workload.ts';

export const WORKLOADS: readonly Workload[] = [keyValue, cart];

export function findWorkload(id: string): Workload | undefined {
  return WORKLOADS.find((workload) => workload.id === id);
}
