import type { Table } from '../../base/table.ts';
import type { NodeId, Operation, Stored } from '../../sim/operation.ts';
import type { DriverShape } from '../../sim/driver.ts';
import type { Shape } from '../../sim/protocol.ts';
import type { Command, Effect, Entry } from '../store.ts';

/** A lock service and a resource: the types of protocol and driver, gathered. */
export interface LeaseShape extends Shape {
  readonly knobs: LeaseKnobs;
  readonly state: LeaseState;
  readonly durable: LeaseDisk;
  readonly message: never;
  readonly timer: never;
  readonly request: LeaseRequest;
  readonly reply: LeaseReply;
}

export type LeaseKnobs = {
  /** How long a lock is its holder's without a word from it, by the lock service's clock. Milliseconds. */
  readonly leaseMs: number;
  /** Whether the resource refuses a token older than one it has seen. */
  readonly checkTokens: boolean;
};

export type LeaseState = {
  readonly self: NodeId;
  readonly knobs: LeaseKnobs;
  /** The node of the lock service, and that of the resource. */
  readonly service: NodeId;
  readonly resource: NodeId;
  readonly disk: LeaseDisk;
};

export type LeaseDisk = {
  /** The lock service's part: who has which lock, and how many tokens were given. */
  readonly leases: Table<Lease>;
  tokens: number;
  /** The resource's part: what it holds, by key the token of the last writer that had one, and the newest of all. */
  readonly data: Table<Entry>;
  readonly writers: Table<number>;
  seen: number;
};

/** A client that asks again for what it has gets the same lease. */
export type Lease = { readonly holder: string; readonly token: number; readonly until: number };

export type LeaseRequest =
  | { readonly kind: 'acquire'; readonly lock: string; readonly holder: string }
  | { readonly kind: 'renew' | 'release'; readonly lock: string; readonly token: number }
  /** `token` null: the client holds no lock. */
  | { readonly kind: 'use'; readonly command: Command; readonly token: number | null };

export type LeaseReply =
  | { readonly kind: 'granted'; readonly token: number }
  | { readonly kind: 'held' }
  /** Of a release; and of a release or renewal of what is no longer this client's. */
  | { readonly kind: 'released' | 'expired' }
  | { readonly kind: 'used'; readonly value: Stored; readonly applied: boolean }
  | { readonly kind: 'error'; readonly reason: (Effect & { kind: 'error' })['reason'] }
  | { readonly kind: 'stale'; readonly token: number; readonly seen: number };

export interface LeaseDriverShape extends DriverShape {
  readonly knobs: LeaseKnobs;
  readonly state: LeaseDriverState;
  readonly timer: `ask-${string}` | `renew-${string}`;
  readonly request: LeaseRequest;
  readonly reply: LeaseReply;
}

export type LeaseDriverState = {
  readonly self: NodeId;
  readonly incarnation: number;
  readonly knobs: LeaseKnobs;
  readonly service: NodeId;
  readonly resource: NodeId;
  requests: number;
  /** Operations under way, by id. */
  readonly open: Table<OpenUse>;
  /** The tokens of the locks that this client believes it holds. */
  readonly held: Table<number>;
};

export type OpenUse = {
  readonly operation: Operation;
  readonly request: LeaseRequest;
  /** The number of the request that is out for it. */
  id: number;
  /** How long nobody has answered, milliseconds. */
  silence: number;
};
