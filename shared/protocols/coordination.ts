import type { NodeId, Stored } from '../sim/operation.ts';

/** What is kept with a znode (ZooKeeper's Stat). `owner`: the session that an ephemeral znode ends with. */
export type Znode = {
  readonly value: Stored;
  /** Counts the changes of its data, from 0. */
  readonly version: number;
  /** The transactions that created and last changed it. */
  readonly created: number;
  readonly modified: number;
  readonly owner: string | null;
};

/** ZooKeeper's error codes, as KeeperException names them. */
export type ErrorCode =
  | 'NoNode'
  | 'NodeExists'
  | 'BadVersion'
  | 'Session expired'
  | 'Not a read-only call'
  | 'Reconfig is disabled'
  | 'ReconfigInProgress'
  | 'NewConfigNoQuorum'
  | 'BadArguments';

/** What a client tells its server. The first body of a connection is `connect`. */
export type ClientBody =
  | {
      readonly kind: 'connect';
      readonly xid: number;
      readonly session: string | null;
      readonly timeout: number;
      /** The latest zxid the client has seen: it must not go back. */
      readonly zxid: number;
      /** Whether a server without a leader will do. */
      readonly readOnly: boolean;
    }
  | (ClientRequest & { readonly xid: number });

/** ZooKeeper's API, as far as it is used here. Watches are left by `get`, `exists` and `children`. */
export type ClientRequest =
  | { readonly kind: 'get'; readonly path: string; readonly watch: boolean }
  | { readonly kind: 'exists'; readonly path: string; readonly watch: boolean }
  | { readonly kind: 'children'; readonly path: string; readonly watch: boolean }
  | { readonly kind: 'sync'; readonly path: string }
  | {
      readonly kind: 'create';
      readonly path: string;
      readonly value: Stored;
      readonly ephemeral: boolean;
      readonly sequential: boolean;
    }
  | { readonly kind: 'set'; readonly path: string; readonly value: Stored; readonly version: number }
  | { readonly kind: 'delete'; readonly path: string; readonly version: number }
  /** One server more among those that vote, or one less (`reconfig -add`, `reconfig -remove`). */
  | { readonly kind: 'reconfig'; readonly node: NodeId; readonly joins: boolean };

/** What a server tells a client. `zxid`: the last transaction that the server had applied. */
export type ServerBody =
  | {
      readonly kind: 'connected';
      /** Null: none was asked for again, and a read-only server opens none. */
      readonly session: string | null;
      readonly timeout: number;
      readonly readOnly: boolean;
    }
  | { readonly kind: 'expired' }
  | { readonly kind: 'answer'; readonly xid: number; readonly zxid: number; readonly answer: Answer }
  | { readonly kind: 'event'; readonly path: string };

export type Answer =
  | { readonly kind: 'error'; readonly error: ErrorCode }
  /** `znode` null: there is none (of `exists`), or it was deleted. */
  | { readonly kind: 'znode'; readonly path: string; readonly znode: Znode | null }
  | { readonly kind: 'children'; readonly names: readonly string[] }
  | { readonly kind: 'synced' };

/** A watch fires once: `znode` when that path changes, `children` when a child comes or goes. */
export type Watch = { readonly kind: 'znode' | 'children'; readonly path: string };
