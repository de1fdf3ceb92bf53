import type { Table } from '../../base/table.ts';
import type { NodeId, Operation } from '../../sim/operation.ts';
import type { LockSession } from './etcd-locks.ts';
import type { Reply, Request } from './store.ts';

export type EtcdDriver = {
  readonly knobs: EtcdDriverKnobs;
  readonly state: EtcdDriverState;
  readonly timer: `deadline-${string}` | `retry-${string}` | `session-${string}` | `keepalive-${string}`;
  readonly request: Request;
  readonly reply: Reply;
};

export type EtcdDriverKnobs = {
  /** How long the application lets an operation take: the deadline of its context. Milliseconds. */
  readonly deadlineMs: number;
  /** The time to live of a lock's session: how long it outlives its client. Milliseconds. */
  readonly lockTtlMs: number;
};

export type EtcdDriverState = {
  readonly self: NodeId;
  readonly deadlineMs: number;
  /** Absent while it is what etcd's sessions have by default. */
  readonly lockTtlMs?: number;
  requests: number;
  /** Sessions of locks by lease; absent when there never was one. */
  sessions?: Table<LockSession>;
  /** Operations under way, by id. */
  readonly open: Table<OpenOperation>;
};

export type OpenOperation = {
  readonly operation: Operation;
  /** Whether nothing has been sent that could change the store. */
  harmless: boolean;
  /** The request whose answer is awaited; answers to others come too late. */
  request: number;
  attempts: number;
};
