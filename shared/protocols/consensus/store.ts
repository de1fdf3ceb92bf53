import { unreachable } from '../../base/assert.ts';
import { lookUp, type Table } from '../../base/table.ts';
import type { Value } from '../../sim/operation.ts';

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
export type Store = { revision: number; readonly keys: Table<KeyValue> };

/** What the log carries. `put-if` is the transaction "if the key was last modified at …, then put". */
export type Command =
  | { readonly kind: 'put'; readonly key: string; readonly value: Stored }
  | { readonly kind: 'delete'; readonly key: string }
  | { readonly kind: 'put-if'; readonly key: string; readonly modified: number; readonly value: Stored };

/** What a client asks a member. `range` is etcd's read. */
export type Request =
  Command | { readonly kind: 'range'; readonly key: string; readonly serializable: boolean };

/** What a member answers. `revision` is the store's, `modified` the key's (0 where there is none). */
export type Reply =
  | { readonly kind: 'range'; readonly value: Stored; readonly modified: number; readonly revision: number }
  | { readonly kind: 'put'; readonly revision: number }
  | { readonly kind: 'delete'; readonly revision: number; readonly deleted: number }
  | { readonly kind: 'put-if'; readonly revision: number; readonly succeeded: boolean }
  | { readonly kind: 'error'; readonly code: 'unavailable' | 'deadline-exceeded'; readonly error: string };

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
    default:
      return unreachable(command);
  }
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
