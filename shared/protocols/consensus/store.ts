import { unreachable } from '../../base/assert.ts';
import { equal } from '../../base/json.ts';
import { lookUp, type Table } from '../../base/table.ts';
import type { NodeId, Value } from '../../sim/operation.ts';
import { attach, grant, lockKey, revoke, type Lease } from './lease-store.ts';
import type { MemberChange } from './member-change.ts';

/** What is stored under a key: one value, or a set of them (a shopping cart). */
export type Stored = Value | readonly Value[];

/** A key as etcd's API shows it. `modified` is the revision of its last change, `version` counts changes. */
export type KeyValue = {
  readonly value: Stored;
  readonly created: number;
  readonly modified: number;
  readonly version: number;
};

/** etcd's key space. Every change of any key gets the next revision; an empty store is at revision 1. */
export type Store = { revision: number; readonly keys: Table<KeyValue>; leases?: Table<Lease> };

/**
 * What the log carries. `put-if` is the transaction "if the key was last modified at …, then put", `put-if-value`
 * compares the value instead, with null for no such key. `lock` puts a session in the line for a lock.
 */
export type Command =
  | { readonly kind: 'put'; readonly key: string; readonly value: Stored }
  | { readonly kind: 'delete'; readonly key: string }
  | { readonly kind: 'put-if'; readonly key: string; readonly modified: number; readonly value: Stored }
  | { readonly kind: 'put-if-value'; readonly key: string; readonly expected: Value; readonly value: Value }
  | { readonly kind: 'lease-grant'; readonly lease: string; readonly ttl: number }
  | { readonly kind: 'lease-revoke'; readonly lease: string }
  | { readonly kind: 'lock'; readonly key: string; readonly lease: string };

/** A change as a watch sees it; null: the key was deleted. */
export type WatchEvent = { readonly revision: number; readonly value: Stored };

/** What a client asks a member. `range` is etcd's read. */
export type Request =
  | Command
  | MemberChange
  | { readonly kind: 'range'; readonly key: string; readonly serializable: boolean }
  | { readonly kind: 'keep-alive'; readonly lease: string }
  | { readonly kind: 'watch'; readonly key: string; readonly start: number | null }
  | { readonly kind: 'watch-lock'; readonly key: string; readonly lease: string };

/** What a member answers. `revision` is the store's, `modified` the key's (0 where there is none). */
export type Reply =
  | { readonly kind: 'range'; readonly value: Stored; readonly modified: number; readonly revision: number }
  | { readonly kind: 'put'; readonly revision: number }
  | { readonly kind: 'delete'; readonly revision: number; readonly deleted: number }
  | { readonly kind: 'put-if'; readonly revision: number; readonly succeeded: boolean }
  | {
      readonly kind: 'put-if-value';
      readonly revision: number;
      readonly succeeded: boolean;
      readonly found: Stored;
    }
  | { readonly kind: 'lease-grant'; readonly revision: number }
  | { readonly kind: 'lease-revoke'; readonly revision: number; readonly found: boolean }
  /** `created`: the revision at which the session came into the line; null when its lease is gone. */
  | { readonly kind: 'lock'; readonly revision: number; readonly created: number | null }
  | { readonly kind: 'kept-alive'; readonly lease: string; readonly found: boolean }
  | { readonly kind: 'watched'; readonly events: readonly WatchEvent[] }
  | { readonly kind: 'first' }
  /** The members after a change of them. */
  | { readonly kind: 'members'; readonly nodes: readonly NodeId[] }
  | {
      readonly kind: 'error';
      readonly code: 'unavailable' | 'deadline-exceeded' | 'failed-precondition';
      readonly error: string;
    };

export function createStore(): Store {
  return { revision: 1, keys: {} };
}

/** Applies a committed command. Deterministic, so every member's store goes through the same states. */
export function applyCommand(store: Store, command: Command): Reply {
  switch (command.kind) {
    case 'put':
      return { kind: 'put', revision: put(store, command.key, command.value) };
    case 'delete': {
      // Deleting what is not there is no change and takes no revision.
      const deleted = lookUp(store.keys, command.key) === undefined ? 0 : 1;
      if (deleted === 1) {
        store.revision++;
        delete store.keys[command.key];
      }
      return { kind: 'delete', revision: store.revision, deleted };
    }
    case 'put-if': {
      const modified = lookUp(store.keys, command.key)?.modified ?? 0;
      if (modified !== command.modified)
        return { kind: 'put-if', revision: store.revision, succeeded: false };
      return { kind: 'put-if', revision: put(store, command.key, command.value), succeeded: true };
    }
    case 'put-if-value': {
      const found = lookUp(store.keys, command.key)?.value ?? null;
      const succeeded = equal(found, command.expected);
      if (succeeded) put(store, command.key, command.value);
      return { kind: 'put-if-value', revision: store.revision, succeeded, found };
    }
    case 'lease-grant':
      grant(store, command.lease, command.ttl);
      return { kind: 'lease-grant', revision: store.revision };
    case 'lease-revoke':
      return applyRevoke(store, command.lease);
    case 'lock': {
      const key = lockKey(command.key, command.lease);
      const created = attach(store, command.lease, key) ? put(store, key, command.lease) : null;
      return { kind: 'lock', revision: store.revision, created };
    }
    default:
      return unreachable(command);
  }
}

/** All keys of a lease go in one revision; without any there is no change. */
function applyRevoke(store: Store, lease: string): Reply {
  const keys = revoke(store, lease);
  if (keys !== null && keys.length > 0) store.revision++;
  for (const key of keys ?? []) delete store.keys[key];
  return { kind: 'lease-revoke', revision: store.revision, found: keys !== null };
}

/** Reads a key from this member's store as it stands. */
export function range(store: Store, key: string): Reply {
  const found = lookUp(store.keys, key);
  return {
    kind: 'range',
    value: found?.value ?? null,
    modified: found?.modified ?? 0,
    revision: store.revision,
  };
}

function put(store: Store, key: string, value: Stored): number {
  const old = lookUp(store.keys, key);
  store.revision++;
  store.keys[key] = {
    value,
    created: old?.created ?? store.revision,
    modified: store.revision,
    version: (old?.version ?? 0) + 1,
  };
  return store.revision;
}
