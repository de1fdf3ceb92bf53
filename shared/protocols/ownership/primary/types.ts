import type { Table } from '../../../base/table.ts';
import type { NodeId, Stored } from '../../../sim/operation.ts';
import type { Shape } from '../../../sim/protocol.ts';
import type { Command, Entry } from '../../store.ts';

export interface PrimaryShape extends Shape {
  readonly knobs: PrimaryKnobs;
  readonly state: PrimaryState;
  readonly durable: Durable;
  readonly message: Message;
  readonly timer: Timer;
  readonly request: Request;
  readonly reply: Reply;
}

export type PrimaryKnobs = {
  /** Before a write is acknowledged: all replicas have it, `acks` of them have it, or nobody else. */
  readonly mode: 'synchronous' | 'semi-synchronous' | 'asynchronous';
  readonly acks: number;
  /** Whether replicas replace a primary that they do not hear. */
  readonly failover: 'manual' | 'automatic';
  /** Whether a majority of all nodes has to agree to that. */
  readonly majority: boolean;
  readonly heartbeat: number;
  /** How long a replica waits for its primary, and a primary for its replicas. Milliseconds. */
  readonly failoverAfter: number;
  readonly prepareTimeout: number;
};

export type Timer = 'heartbeat' | 'watch' | `prepare-${number}`;

/** How far a history is. The greater epoch has it; of one epoch the node that comes first. */
export type Term = { readonly epoch: number; readonly primary: NodeId };

export type Durable = {
  term: Term;
  /** The latest epoch in which this node voted or stood. */
  votedEpoch: number;
  /** The history that the data is of, and how many changes of it are in. */
  history: Term;
  changes: number;
  data: Table<Entry>;
  /** What the primary is about to write, by its id there: promised, and not yet done. */
  readonly prepared: Table<Command>;
};

/** A write that waits for replicas. */
export type Pending = {
  readonly to: NodeId;
  readonly request: number;
  readonly command: Command;
  readonly acks: Table<true>;
};

export type PrimaryState = {
  readonly self: NodeId;
  readonly nodes: readonly NodeId[];
  /** The nodes with a copy; all others only send clients on. */
  readonly holders: readonly NodeId[];
  readonly knobs: PrimaryKnobs;
  readonly durable: Durable;
  /** When a node last heard the primary. */
  heardAt: number;
  /** When the primary last heard each replica. */
  readonly replicas: Table<number>;
  readonly pending: Table<Pending>;
  writes: number;
  /** Votes for this node while it stands. */
  votes: Table<true> | null;
};

export type Message =
  /** `pending`: the writes that are still prepared; replicas forget all others. */
  | {
      readonly kind: 'heartbeat';
      readonly term: Term;
      readonly changes: number;
      readonly pending: readonly number[];
    }
  | { readonly kind: 'heartbeat-ok'; readonly term: Term }
  | { readonly kind: 'prepare'; readonly term: Term; readonly id: number; readonly command: Command }
  | { readonly kind: 'prepared'; readonly term: Term; readonly id: number }
  | { readonly kind: 'abort'; readonly term: Term; readonly id: number }
  | {
      readonly kind: 'commit';
      readonly term: Term;
      /** The prepared write that this is, if it was prepared. */
      readonly id: number;
      readonly changes: number;
      readonly key: string;
      readonly entry: Entry | null;
    }
  | { readonly kind: 'catch-up' }
  | {
      readonly kind: 'copy';
      readonly term: Term;
      readonly changes: number;
      readonly data: Readonly<Table<Entry>>;
      readonly prepared: Readonly<Table<Command>>;
    }
  /** `changes`: those made and those promised. */
  | { readonly kind: 'stand'; readonly epoch: number; readonly history: Term; readonly changes: number }
  | { readonly kind: 'vote'; readonly epoch: number };

/** `anyCopy`: the answer may be old. */
export type Request = { readonly command: Command; readonly anyCopy: boolean };

export type Reply =
  | { readonly kind: 'done'; readonly value: Stored; readonly applied: boolean }
  | { readonly kind: 'redirect'; readonly to: NodeId }
  | { readonly kind: 'error'; readonly class: 'fail' | 'info'; readonly error: string };
