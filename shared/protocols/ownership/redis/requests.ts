import type { Table } from '../../../base/table.ts';
import type { NodeId, Stored } from '../../../sim/operation.ts';
import type { Command } from '../../store.ts';

export type Request =
  /** CLUSTER SLOTS: who serves what. */
  | { readonly kind: 'slots' }
  /**
   * `readonly`: the connection has said READONLY, so a replica may answer. `asking`: it has said ASKING, as whoever
   * was told to ASK here does.
   */
  | {
      readonly kind: 'command';
      readonly command: Command;
      readonly readonly: boolean;
      readonly asking?: true;
    }
  /** WAIT, for what this client wrote up to `offset`. Timeout in milliseconds, 0 for none. */
  | { readonly kind: 'wait'; readonly offset: number; readonly replicas: number; readonly timeout: number }
  | ClusterRequest;

/** What administrators' tools ask: CLUSTER commands, and MIGRATE. Ranges by their numbers (owners.ts). */
export type ClusterRequest =
  /** CLUSTER NODES, and how many keys there are. */
  | { readonly kind: 'nodes' }
  | {
      readonly kind: 'setslot';
      readonly range: number;
      readonly to: 'migrating' | 'importing' | 'node' | 'stable';
      readonly node: NodeId;
    }
  /** `take`: CLUSTER DELSLOTS, ADDSLOTS and BUMPEPOCH in one transaction (MULTI). */
  | { readonly kind: 'take' | 'delslots'; readonly range: number }
  /** CLUSTER COUNTKEYSINSLOT, of several ranges at once. */
  | { readonly kind: 'count'; readonly ranges: readonly number[] }
  /** CLUSTER GETKEYSINSLOT. */
  | { readonly kind: 'keys'; readonly range: number; readonly count: number }
  /** MIGRATE of keys in a range; timeout in milliseconds. */
  | {
      readonly kind: 'migrate';
      readonly keys: readonly string[];
      readonly to: NodeId;
      readonly replace: boolean;
      readonly timeout: number;
    }
  /** DEBUG DIGEST-VALUE: by which a tool compares keys. */
  | { readonly kind: 'values'; readonly keys: readonly string[] }
  | { readonly kind: 'meet' | 'forget' | 'replicate'; readonly node: NodeId }
  /** CLUSTER RESET SOFT. */
  | { readonly kind: 'reset' };

/** One range of CLUSTER SLOTS. */
export type Service = { readonly master: NodeId | null; readonly replicas: readonly NodeId[] };

/** CLUSTER SLOTS. `apart`: by slot, those that were moved by themselves. */
export type ServiceMap = {
  readonly services: readonly Service[];
  readonly apart?: Readonly<Table<Service>>;
};

/** A line of CLUSTER NODES. `slots` as it prints them; `ranges` are the same by number. */
export type NodeLine = {
  readonly node: NodeId;
  readonly master: NodeId | null;
  readonly failed: boolean;
  readonly ranges: readonly number[];
  readonly slots: string;
};

/**
 * What one node tells of the cluster, and by the numbers of ranges what it says that it moves and takes. `ranges`: all
 * that it knows.
 */
export type ClusterNodes = {
  readonly lines: readonly NodeLine[];
  readonly ranges: readonly number[];
  readonly migrating: Readonly<Table<NodeId>>;
  readonly importing: Readonly<Table<NodeId>>;
  readonly isEmpty: boolean;
};

export type Reply =
  | ({ readonly kind: 'slots' } & ServiceMap)
  | { readonly kind: 'done'; readonly value: Stored; readonly applied: boolean; readonly offset: number }
  | { readonly kind: 'waited'; readonly replicas: number }
  /** `ask`: this once only; the slot is still this node's. */
  | { readonly kind: 'moved' | 'ask'; readonly slot: number; readonly to: NodeId }
  | { readonly kind: 'error'; readonly error: string }
  | ({ readonly kind: 'nodes' } & ClusterNodes)
  | { readonly kind: 'keys'; readonly keys: readonly string[] }
  | { readonly kind: 'counts'; readonly counts: readonly number[] }
  | { readonly kind: 'values'; readonly values: readonly string[] }
  | { readonly kind: 'ok' };
