import { membersOf } from '../../../shared/sim/members.ts';
import type { Driver } from '../../../shared/sim/driver.ts';
import type { System } from '../../../shared/systems/system.ts';
import type { ServerPayload } from '../../../shared/wire/events.ts';
import { isNative } from '../../../shared/workloads/definition.ts';
import type { Workload } from '../../../shared/workloads/workload.ts';
import { loadSystem } from './systems.ts';

/** The code that a class runs on: a page loads the parts of its own class and no others. */
export type Parts = { readonly system: System; readonly workload: Workload; readonly driver: Driver };

/** What names a class's parts. */
export type Choice = Pick<ServerPayload<'seat'>, 'system' | 'stores' | 'workload' | 'nodes' | 'spares'>;

/** Each workload is a file of its own, too. */
export const WORKLOAD_LOADERS: Readonly<Record<string, (() => Promise<Workload>) | undefined>> = {
  'key-value': async () => (await import('../../../shared/workloads/key-value.ts')).keyValue,
  cart: async () => (await import('../../../shared/workloads/cart.ts')).cart,
  bank: async () => (await import('../../../shared/workloads/bank.ts')).bank,
  seats: async () => (await import('../../../shared/workloads/seats.ts')).seats,
  stock: async () => (await import('../../../shared/workloads/stock.ts')).stock,
  feed: async () => (await import('../../../shared/workloads/feed.ts')).feed,
  chat: async () => (await import('../../../shared/workloads/chat.ts')).chat,
  lock: async () => (await import('../../../shared/workloads/lock.ts')).lock,
  configuration: async () => (await import('../../../shared/workloads/configuration.ts')).configuration,
  shop: async () => (await import('../../../shared/workloads/shop.ts')).shop,
};

const loaded = new Map<string, Parts>();

/** Parts that are here already; undefined when they have to be loaded first, or are none. */
export function loadedParts(choice: Choice): Parts | undefined {
  return loaded.get(nameOf(choice));
}

/** Throws when the page does not know the system or the workload, or cannot load it now. */
export async function loadParts(choice: Choice): Promise<Parts> {
  const [system, workload] = await Promise.all([
    loadSystem(choice, membersOf(choice).length),
    loadWorkload(choice.workload),
  ]);
  const driver = isNative(system, workload)
    ? system.driver
    : (await import('../../../shared/workloads/driver.ts')).applicationOn(system);
  const parts = { system, workload, driver };
  loaded.set(nameOf(choice), parts);
  return parts;
}

async function loadWorkload(id: string): Promise<Workload> {
  const loader = WORKLOAD_LOADERS[id];
  if (loader === undefined) throw new RangeError(`this page does not know the workload ${id}`);
  return await loader();
}

function nameOf({ system, stores, workload }: Choice): string {
  return JSON.stringify([system, stores, workload]);
}
