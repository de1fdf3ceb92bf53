import type { Table } from '../../../base/table.ts';
import type { Cells } from '../../../data/cells.ts';
import type { NodeId } from '../../../sim/operation.ts';
import type { Consistency } from './consistency.ts';
import type { Ballot, Change, Condition, Proposal, Reply, WriteType } from './types.ts';

/** Whom the outcome of a piece of work goes to. */
export type Asker =
  | { readonly kind: 'driver'; readonly id: number }
  /** The coordinator of an increment that this replica leads: it is told of success only. */
  | { readonly kind: 'coordinator'; readonly node: NodeId; readonly id: string }
  /** The lightweight transaction that reads the row. */
  | { readonly kind: 'transaction'; readonly id: string };

/** What a coordinator has under way. */
export type Work = WriteWork | IncrementWork | ReadWork | TransactionWork | RepairWork;

export type WriteWork = {
  readonly kind: 'write';
  readonly id: string;
  readonly asker: Asker;
  readonly key: string;
  readonly cells: Cells;
  /** Of a lightweight transaction that was decided: replicas are told of the commit. */
  readonly proposal: Proposal | null;
  readonly type: WriteType;
  readonly consistency: Consistency;
  readonly required: number;
  /** What the asker is told on success. */
  readonly success: Reply;
  /** Replicas that have not answered yet. */
  waiting: NodeId[];
  received: number;
  told: boolean;
};

/** An increment handed to the replica that leads it. */
export type IncrementWork = {
  readonly kind: 'increment';
  readonly id: string;
  readonly asker: Asker;
  readonly consistency: Consistency;
  readonly required: number;
};

export type ReadWork = {
  readonly kind: 'read';
  readonly id: string;
  readonly asker: Asker;
  readonly key: string;
  readonly column: string | null;
  readonly consistency: Consistency;
  readonly required: number;
  /** Live replicas, the nearest first; those from `contacted` on have not been asked. */
  readonly replicas: readonly NodeId[];
  contacted: number;
  /** `digests`: one row and digests of the others. `rows`: they differed, all rows. `repair`: waits for repairs. */
  stage: 'digests' | 'rows' | 'repair';
  readonly rows: Table<Cells>;
  readonly digests: Table<number>;
  /** Of a read that repairs: the row as it is to be, and replicas that have not confirmed it. */
  result: Cells;
  repairing: NodeId[];
};

/** A conditional write or a serial read, in single-decree Paxos on the key (service/StorageProxy.java, v1). */
export type TransactionWork = {
  readonly kind: 'transaction';
  readonly id: string;
  readonly asker: Asker;
  readonly key: string;
  /** Null: a serial read. */
  readonly write: { readonly change: Change; readonly condition: Condition } | null;
  readonly column: string | null;
  readonly serial: Consistency;
  readonly commit: Consistency;
  readonly replicas: readonly NodeId[];
  /** Where somebody is to become a replica: how many take part, with those that are down. */
  readonly participants?: number;
  /** When it gives up because of contention, milliseconds. */
  readonly deadline: number;
  stage: 'prepare' | 'read' | 'propose' | 'commit' | 'pause';
  ballot: Ballot;
  /** The highest ballot heard of: the next own one is above it. */
  highest: number;
  /** The proposal under way, and whether it is another's that had been left unfinished. */
  proposal: Proposal | null;
  finishing: boolean;
  /** What the row was when the condition was checked; whether it held. */
  found: Cells;
  applies: boolean;
  answers: Table<Answer>;
};

/** Of one replica in one stage of a transaction. */
export type Answer = {
  readonly yes: boolean;
  readonly accepted: Proposal | null;
  readonly committed: Proposal | null;
};

export type RepairWork = {
  readonly kind: 'repair';
  readonly id: string;
  readonly asker: Asker;
  readonly neighbours: readonly NodeId[];
  stage: 'trees' | 'streams' | 'pushes';
  /** Buckets in which a neighbour's rows differ from this node's. */
  readonly differing: Table<readonly number[]>;
  waiting: NodeId[];
};
