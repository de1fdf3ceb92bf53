import { keysOf, lookUp, type Table } from '../../base/table.ts';

/** What the log grants: a time to live in milliseconds, and the keys that go with it when it ends. */
export type Lease = { readonly ttl: number; readonly keys: readonly string[] };

/** A store as far as leases and locks go; etcd's other parts do not know of them. */
type LeaseStore<K extends { readonly created: number }> = {
  readonly keys: Table<K>;
  leases?: Table<Lease>;
};

export function grant(store: LeaseStore<{ readonly created: number }>, lease: string, ttl: number): void {
  (store.leases ??= {})[lease] = { ttl, keys: [] };
}

/** Binds a key to a lease. False: there is no such lease, perhaps not any more. */
export function attach(store: LeaseStore<{ readonly created: number }>, lease: string, key: string): boolean {
  const found = store.leases === undefined ? undefined : lookUp(store.leases, lease);
  if (found === undefined || store.leases === undefined) return false;
  store.leases[lease] = { ...found, keys: [...found.keys, key] };
  return true;
}

/** Ends a lease, and returns the keys that end with it. Null: there is no such lease. */
export function revoke(
  store: LeaseStore<{ readonly created: number }>,
  lease: string,
): readonly string[] | null {
  const found = store.leases === undefined ? undefined : lookUp(store.leases, lease);
  if (found === undefined || store.leases === undefined) return null;
  delete store.leases[lease];
  return found.keys.filter((key) => lookUp(store.keys, key) !== undefined);
}

/** The key under which a session waits for a lock: whose is the oldest holds it (etcd's concurrency.Mutex). */
export function lockKey(lock: string, lease: string): string {
  return `${lock}/${lease}`;
}

/** Whether nobody who came before still waits for a lock or holds it. */
export function isFirst<K extends { readonly created: number }>(
  store: LeaseStore<K>,
  lock: string,
  lease: string,
): boolean {
  const own = lookUp(store.keys, lockKey(lock, lease))?.created ?? Number.MAX_SAFE_INTEGER;
  return keysOf(store.keys).every(
    (key) => !key.startsWith(`${lock}/`) || (store.keys[key]?.created ?? own) >= own,
  );
}
