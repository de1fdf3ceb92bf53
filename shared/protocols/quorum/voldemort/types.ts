import type { Table } from '../../../base/table.ts';
import type { VectorClock } from '../../../data/vector-clock.ts';
import type { NodeId, Stored } from '../../../sim/operation.ts';
import type { Shape } from '../../../sim/protocol.ts';
import type { TurnOf } from '../../turn.ts';
import type { Cluster } from './cluster.ts';
import type { StealTask } from './plan.ts';

export interface VoldemortShape extends Shape {
  readonly knobs: VoldemortKnobs;
  readonly state: VoldemortState;
  readonly durable: Durable;
  readonly message: Message;
  readonly timer: 'slops' | `proxy-${number}` | `steal-${NodeId}`;
  readonly request: Request;
  readonly reply: Reply;
}

export type Turn = TurnOf<VoldemortShape>;

/** Times in milliseconds. */
export type VoldemortKnobs = {
  /** Copies of a key, and how many of them a read and a write need. */
  readonly n: number;
  readonly requiredReads: number;
  readonly requiredWrites: number;
  /** How many are asked, and waited for, if they are there; 0: as many as required. */
  readonly preferredReads: number;
  readonly preferredWrites: number;
  /** What the client makes of versions of which none has seen the other. */
  readonly resolver: 'time-based' | 'union' | 'siblings';
  /** Whether writes for owners that are down are kept by other nodes. */
  readonly hintedHandoff: boolean;
  readonly slopInterval: number;
  readonly routingTimeout: number;
};

/** What has to do with members that change is there only where they do: other runs keep the states they had. */
export type VoldemortState = {
  readonly self: NodeId;
  readonly nodes: readonly NodeId[];
  /** Who founded the cluster, where not all nodes have. */
  readonly members?: readonly NodeId[];
  readonly knobs: VoldemortKnobs;
  readonly durable: Durable;
  /** Whether the slop pusher's timer runs: only while there are slops. */
  pushing: boolean;
  /** Requests that wait for what a donor has, by number; and how many there have been. */
  proxied?: Table<Proxied>;
  proxies?: number;
  /** How it goes with what is fetched, by donor. */
  fetches?: Table<Fetch>;
};

/** A client's request, by whom it is asked, and the donor that is asked first. */
export type Proxied = {
  readonly from: NodeId;
  readonly id: number;
  readonly request: KeyRequest;
  readonly donor: NodeId;
};

export type Fetch = { readonly task: StealTask; status: 'running' | 'done' | 'failed' };

export type Durable = {
  readonly data: Table<readonly Versioned[]>;
  /** Writes kept for other nodes, in the order in which they came. */
  readonly slops: Table<readonly Slop[]>;
  /** Numbers the slops. */
  kept: number;
  /** cluster.xml, once it was changed. */
  cluster?: Cluster;
  /**
   * Of the latest batch: the cluster.xml of before, and what this server still has to fetch (rebalancing.source.cluster.xml,
   * rebalancing.steal.info). While that is something it is in the rebalancing state.
   */
  rebalancing?: { readonly source: Cluster; readonly tasks: readonly StealTask[] };
};

/** A value with its vector clock, and the writer's own clock in milliseconds. */
export type Versioned = { readonly clock: VectorClock; readonly at: number; readonly value: Stored };

/** A write that an owner missed. */
export type Slop = {
  readonly id: number;
  readonly key: string;
  readonly write: Versioned | { readonly deleted: VectorClock };
};

/** What only an owner of the key takes. */
export type KeyRequest =
  | { readonly kind: 'get'; readonly key: string }
  | { readonly kind: 'put'; readonly key: string; readonly versioned: Versioned; readonly repair: boolean }
  /** Removes every version that is not newer than the clock. Nothing is left to tell of the delete. */
  | { readonly kind: 'delete'; readonly key: string; readonly clock: VectorClock };

/** What an administrator's tool asks of a server. */
export type AdminRequest =
  | { readonly kind: 'set-cluster'; readonly cluster: Cluster; readonly clearRebalance: boolean }
  /** The two changes that belong together: of cluster.xml, and what this server is to fetch, or with a rollback not. */
  | {
      readonly kind: 'change-state';
      readonly cluster: Cluster;
      readonly source: Cluster;
      readonly tasks: readonly StealTask[];
      readonly rollback: boolean;
    }
  /** Starts to fetch, or tells how it goes. */
  | { readonly kind: 'steal'; readonly task: StealTask; readonly again: boolean }
  /** Deletes all that is not this server's. */
  | { readonly kind: 'repair-job' };

export type Request =
  | KeyRequest
  | AdminRequest
  /** The cluster.xml of this server: asked by tools, and by clients when they bootstrap. */
  | { readonly kind: 'metadata' }
  | { readonly kind: 'slop'; readonly owner: NodeId; readonly key: string; readonly write: Slop['write'] }
  /** Whether the node is there again. */
  | { readonly kind: 'ping' };

/** What a server says of itself. No cluster: this machine belongs to none. */
export type Metadata = {
  readonly cluster: Cluster | null;
  readonly source: Cluster | null;
  readonly isRebalancing: boolean;
};

export type Reply =
  | { readonly kind: 'versions'; readonly versions: readonly Versioned[] }
  | { readonly kind: 'done' }
  /** The server has this clock or a later one already. */
  | { readonly kind: 'obsolete'; readonly error: string }
  /** The client's cluster.xml is not this server's: the key is not here. */
  | { readonly kind: 'invalid-metadata'; readonly error: string }
  /** As if nobody had answered: no server runs here, or the donor that it needs cannot be reached. */
  | { readonly kind: 'unreachable'; readonly error: string }
  | { readonly kind: 'metadata'; readonly metadata: Metadata }
  | { readonly kind: 'stealing'; readonly status: Fetch['status'] }
  | { readonly kind: 'refused'; readonly error: string };

/** Servers talk to each other only to hand over slops, and while partitions change hands. */
export type Message =
  /** What do you have of a key that is mine now? */
  | { readonly kind: 'proxy-get'; readonly id: number; readonly key: string }
  | { readonly kind: 'proxy-got'; readonly id: number; readonly versions: readonly Versioned[] }
  /** Keep this, for the case that all goes back. */
  | { readonly kind: 'proxy-put'; readonly key: string; readonly versioned: Versioned }
  | { readonly kind: 'fetch'; readonly partitions: readonly number[] }
  | {
      readonly kind: 'fetched';
      readonly partitions: readonly number[];
      readonly entries: readonly (readonly [key: string, versions: readonly Versioned[]])[];
    }
  | { readonly kind: 'push'; readonly slops: readonly Slop[] }
  | { readonly kind: 'pushed'; readonly ids: readonly number[] };
