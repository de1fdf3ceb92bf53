import type { Table } from '../../../base/table.ts';
import type { DriverOutput } from '../../../sim/driver.ts';
import type { NodeId, Operation } from '../../../sim/operation.ts';
import type { Reply, Request, ServerType } from './requests.ts';
import type { OpTime } from './types.ts';

export type MongoDriver = {
  readonly knobs: MongoDriverKnobs;
  readonly state: MongoDriverState;
  readonly timer: `monitor-${string}` | `select-${string}` | `resend-${string}`;
  readonly request: Request;
  readonly reply: Reply;
};

export type DriverOutputs = DriverOutput<MongoDriver>[];

export type MongoDriverKnobs = {
  /** How long an operation may wait for a server that suits it. Milliseconds. */
  readonly serverSelectionTimeoutMS: number;
  /** Whether a write is tried once more after an error that another primary may not have. */
  readonly retryWrites: boolean;
  readonly arbiters: number;
};

export type MongoDriverState = {
  readonly self: NodeId;
  readonly incarnation: number;
  readonly knobs: MongoDriverKnobs;
  /** What the driver knows of each member. */
  readonly servers: Table<Server>;
  /** The newest election that a primary has told of: an older primary is not believed. */
  electionId: number;
  requests: number;
  /** The last transaction number of each session. */
  readonly sessions: number[];
  readonly open: Table<OpenOperation>;
  /** What this client's causally consistent session has seen. */
  operationTime: OpTime;
};

/** A member as its monitor last saw it. */
export type Server = {
  type: ServerType | 'unknown';
  /** The topology version of its last answer; null where its next answer is wanted at once. */
  version: string | null;
  /** The `hello` under way; 0 for none. */
  request: number;
  /** How long the `hello` has been under way, milliseconds. */
  waited: number;
  askedAt: number;
  /** Milliseconds to and fro; null before the first answer. */
  roundTrip: number | null;
};

export type ReadPreference = 'primary' | 'primaryPreferred' | 'secondary' | 'secondaryPreferred' | 'nearest';

/** An operation under way. Without a server it waits for one that suits it. */
export type OpenOperation = {
  readonly operation: Operation;
  readonly command: Exclude<Request, { kind: 'hello' }>;
  readonly preference: ReadPreference;
  /** Whether it belongs to the client's causally consistent session. */
  readonly causal: boolean;
  /** The session that a write holds; null for a read. */
  readonly session: number | null;
  server: NodeId | null;
  request: number;
  attempts: number;
  /** Whether an attempt may have been carried out, or may yet be. */
  doubtful: boolean;
  resendAfter: number;
};
