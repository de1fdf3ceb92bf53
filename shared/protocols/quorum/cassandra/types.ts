import type { Table } from '../../../base/table.ts';
import type { Cells } from '../../../data/cells.ts';
import type { Arrivals } from '../../../data/phi-accrual.ts';
import type { NodeId, Stored, Value } from '../../../sim/operation.ts';
import type { Shape } from '../../../sim/protocol.ts';
import type { Consistency } from './consistency.ts';
import type { Movement, Removal, Restoration, StatusEntry, Tool, ToolRequest } from './membership.ts';
import type { Message } from './messages.ts';
import type { Work } from './work.ts';

export interface CassandraShape extends Shape {
  readonly knobs: CassandraKnobs;
  readonly state: CassandraState;
  readonly durable: Durable;
  readonly message: Message;
  readonly timer: Timer;
  readonly request: Request;
  readonly reply: Reply;
}

/** Times in milliseconds, but for `gcGrace`: seconds, as in `gc_grace_seconds`. */
export type CassandraKnobs = {
  readonly replicationFactor: number;
  /** The level of operations that name none. */
  readonly consistency: Consistency;
  readonly phiConvictThreshold: number;
  readonly maxHintWindow: number;
  readonly readRepair: 'BLOCKING' | 'NONE';
  /** After how long a read asks one replica more; 0: never. */
  readonly speculativeRetry: number;
  readonly gcGrace: number;
  readonly writeTimeout: number;
  readonly readTimeout: number;
  readonly counterTimeout: number;
  readonly casContentionTimeout: number;
};

/**
 * What has to do with nodes that come and go is there only where they do, so that other runs keep the states they
 * had before that.
 */
export type CassandraState = {
  readonly self: NodeId;
  /** The members at the beginning, where not all nodes are. */
  readonly members?: readonly NodeId[];
  /** The nodes on the ring, and the rings as they may be when all that leave have left: with each that joins, too. */
  ring?: readonly NodeId[];
  futures?: readonly (readonly NodeId[])[];
  movement?: Movement;
  removal?: Removal;
  /** By the node that is removed. */
  restorations?: Table<Restoration>;
  /** How the last movement or removal ended, for who asks again because the answer was lost. */
  moved?: Tool & { readonly reply: Reply };
  readonly nodes: readonly NodeId[];
  readonly knobs: CassandraKnobs;
  readonly durable: Durable;
  /** The rounds of gossip that this process has begun. */
  round: number;
  /** The latest heartbeat known of every node, in the order of `nodes`: generation and version in one number. */
  readonly heartbeats: number[];
  /** When they came, in the same order. */
  readonly arrivals: Arrivals;
  /** Nodes that this one takes to be down, and since when, milliseconds. */
  readonly down: Table<number>;
  /** What this node coordinates, by id. */
  readonly work: Table<Work>;
  readonly incarnation: number;
  started: number;
  /** The last timestamp given to a write, microseconds: the next one is higher whatever the clock does. */
  timestamp: number;
  /** Whether the timers run that hand out hints and purge tombstones: only while there are any. */
  dispatching: boolean;
  compacting: boolean;
};

export type Durable = {
  /** Names this disk: counter shards are counted under it, and an empty disk must not go on with an old one. */
  id: string;
  readonly rows: Table<Cells>;
  /** What this replica has promised and accepted in the Paxos of each key. */
  readonly paxos: Table<PaxosState>;
  /** Writes kept for nodes that did not take them, by node and key. */
  readonly hints: Table<Table<Hint>>;
  /** Numbers the hints. */
  hinted: number;
  /** By node: what has changed since the beginning. */
  statuses?: Table<StatusEntry>;
};

export type Hint = {
  /** Changes whenever something is added, so that an answer about less does not delete it. */
  readonly id: number;
  readonly cells: Cells;
  /** When the first write in it was kept, milliseconds. */
  readonly since: number;
};

/** A proposal's number: a timestamp, and the proposer to tell equal ones apart. */
export type Ballot = { readonly at: number; readonly node: NodeId };

/** A proposal. Empty cells: a read, or a condition that did not hold. */
export type Proposal = { readonly ballot: Ballot; readonly cells: Cells };

export type PaxosState = {
  readonly promised: Ballot;
  readonly accepted: Proposal | null;
  readonly committed: Proposal | null;
};

/** What a statement changes in a row. Timestamps come later, from the coordinator or the ballot. */
export type Change =
  | { readonly kind: 'assign'; readonly column: string | null; readonly value: Value }
  | { readonly kind: 'delete' }
  | { readonly kind: 'add' | 'remove' | 'append'; readonly value: Value };

/** `IF …`: of a conditional statement. */
export type Condition =
  | { readonly kind: 'equals'; readonly column: string | null; readonly value: Value }
  | { readonly kind: 'exists' }
  | { readonly kind: 'not-exists' };

export type Request =
  | {
      readonly kind: 'read';
      readonly key: string;
      readonly consistency: Consistency;
      readonly column: string | null;
    }
  | {
      readonly kind: 'write';
      readonly key: string;
      readonly change: Change;
      /** Of a conditional write the level of its commit; `serial` is that of its Paxos rounds. */
      readonly consistency: Consistency;
      readonly serial: Consistency;
      readonly condition: Condition | null;
      /** `USING TIMESTAMP`, microseconds. */
      readonly timestamp: number | null;
    }
  | {
      readonly kind: 'increment';
      readonly key: string;
      readonly by: number;
      readonly consistency: Consistency;
    }
  | { readonly kind: 'repair' }
  | ToolRequest;

/** `SIMPLE`, `COUNTER`, `CAS`: what a write timeout names. */
export type WriteType = 'SIMPLE' | 'COUNTER' | 'CAS';

export type Reply =
  | { readonly kind: 'row'; readonly value: Stored; readonly timestamp: number }
  | { readonly kind: 'written'; readonly timestamp: number }
  /** Of a conditional write; `value` is what was found. */
  | { readonly kind: 'conditional'; readonly applied: boolean; readonly value: Stored }
  | { readonly kind: 'repaired' }
  /** A node that joins or leaves is not done yet; it is done. */
  | { readonly kind: 'moving' | 'moved' }
  | {
      readonly kind: 'unavailable';
      readonly consistency: Consistency;
      readonly required: number;
      readonly alive: number;
    }
  | {
      readonly kind: 'write-timeout';
      readonly type: WriteType;
      readonly consistency: Consistency;
      readonly required: number;
      readonly received: number;
    }
  | {
      readonly kind: 'read-timeout';
      readonly consistency: Consistency;
      readonly required: number;
      readonly received: number;
      readonly hasData: boolean;
    }
  | { readonly kind: 'cas-unknown'; readonly accepted: number }
  | { readonly kind: 'invalid'; readonly error: string }
  | { readonly kind: 'not-serving' }
  | {
      readonly kind: 'repair-failed' | 'move-failed';
      readonly class: 'fail' | 'info';
      readonly error: string;
    };

export type Timer =
  'gossip' | 'hints' | 'compaction' | 'movement' | 'removal' | `wait-${string}` | `more-${string}`;
