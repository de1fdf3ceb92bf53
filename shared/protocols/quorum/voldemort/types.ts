import type { Table } from '../../../base/table.ts';
import type { VectorClock } from '../../../data/vector-clock.ts';
import type { NodeId, Stored } from '../../../sim/operation.ts';
import type { Shape } from '../../../sim/protocol.ts';
import type { TurnOf } from '../../turn.ts';

export interface VoldemortShape extends Shape {
  readonly knobs: VoldemortKnobs;
  readonly state: VoldemortState;
  readonly durable: Durable;
  readonly message: Message;
  readonly timer: 'slops';
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

export type VoldemortState = {
  readonly self: NodeId;
  readonly nodes: readonly NodeId[];
  readonly knobs: VoldemortKnobs;
  readonly durable: Durable;
  /** Whether the slop pusher's timer runs: only while there are slops. */
  pushing: boolean;
};

export type Durable = {
  readonly data: Table<readonly Versioned[]>;
  /** Writes kept for other nodes, in the order in which they came. */
  readonly slops: Table<readonly Slop[]>;
  /** Numbers the slops. */
  kept: number;
};

/** A value with its vector clock, and the writer's own clock in milliseconds. */
export type Versioned = { readonly clock: VectorClock; readonly at: number; readonly value: Stored };

/** A write that an owner missed. */
export type Slop = {
  readonly id: number;
  readonly key: string;
  readonly write: Versioned | { readonly deleted: VectorClock };
};

export type Request =
  | { readonly kind: 'get'; readonly key: string }
  | { readonly kind: 'put'; readonly key: string; readonly versioned: Versioned; readonly repair: boolean }
  /** Removes every version that is not newer than the clock. Nothing is left to tell of the delete. */
  | { readonly kind: 'delete'; readonly key: string; readonly clock: VectorClock }
  | { readonly kind: 'slop'; readonly owner: NodeId; readonly key: string; readonly write: Slop['write'] }
  /** Whether the node is there again. */
  | { readonly kind: 'ping' };

export type Reply =
  | { readonly kind: 'versions'; readonly versions: readonly Versioned[] }
  | { readonly kind: 'done' }
  /** The server has this clock or a later one already. */
  | { readonly kind: 'obsolete'; readonly error: string };

/** Servers talk to each other only to hand over slops. */
export type Message =
  | { readonly kind: 'push'; readonly slops: readonly Slop[] }
  | { readonly kind: 'pushed'; readonly ids: readonly number[] };
