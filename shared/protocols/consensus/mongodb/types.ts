import type { Table } from '../../../base/table.ts';
import type { NodeId, Stored } from '../../../sim/operation.ts';
import type { ConfigPlace, ReplicaSet } from './config.ts';
import type { Message } from './messages.ts';
import type { FindRequest, Reply, Request, WriteConcern } from './requests.ts';

/** A MongoDB replica set: the types of the protocol, gathered. */
export type MongoDb = {
  readonly knobs: MongoKnobs;
  readonly state: MemberState;
  readonly durable: MongoDurable;
  readonly message: Message;
  readonly timer: MongoTimer;
  readonly request: Request;
  readonly reply: Reply;
};

export type MongoKnobs = {
  /** How long a secondary waits for news of a primary before it stands for election, and a primary for news of a majority. */
  readonly electionTimeoutMillis: number;
  /** Whether secondaries may pull from secondaries. */
  readonly chaining: boolean;
  /** How many of the last members vote and hold no data. */
  readonly arbiters: number;
  /** The priority of the first member; the others have 1. */
  readonly priority: number;
  /** How long a new primary tries to catch up before it takes writes; -1 for no limit. */
  readonly catchUpTimeoutMillis: number;
};

export type MongoTimer =
  | 'election'
  | 'takeover'
  | 'catch-up'
  | 'fetch'
  | 'keepalive'
  | 'noop'
  | `heartbeat-${string}`
  | `await-${string}`
  | `hello-${string}`
  | `wait-${number}`;

/**
 * A place in the history of the set, ordered by term, then index. MongoDB pairs the term with a timestamp that
 * grows with every entry; a count stands for it here.
 */
export type OpTime = { readonly term: number; readonly index: number };

/** What an entry made of a document: its new value, or null when it was deleted. */
export type Change = { readonly key: string; readonly after: { readonly value: Stored } | null };

/** The retryable write that an entry carries out, and what its client is told, once and on every retry. */
export type Statement = { readonly session: string; readonly number: number; readonly result: Written };

/** What a write returns: whether it found what it was to change, and a value where the command asks for one. */
export type Written = { readonly applied: boolean; readonly value?: Stored };

/** An entry of the oplog. Without a change it is a no-op. Never changed. */
export type OplogEntry = OpTime & {
  readonly change: Change | null;
  readonly statement: Statement | null;
};

export type Document = { readonly value: Stored; readonly at: OpTime };

/** What entries amount to when they are applied in order: documents, and the last retryable write of each session. */
export type Data = {
  readonly documents: Table<Document>;
  readonly sessions: Table<{ readonly number: number; readonly at: OpTime; readonly result: Written }>;
};

/** Documents as they were before a rollback took back what they owed to writes that no majority had. */
export type RollbackFile = {
  readonly name: string;
  readonly documents: readonly { readonly key: string; readonly value: Stored }[];
};

export type MongoDurable = {
  /** The last vote given in a real election. */
  readonly vote: Vote | null;
  readonly log: OplogEntry[];
  readonly commit: number;
  readonly rollbackFiles: readonly RollbackFile[];
  /** Absent while it is the first one, with all nodes. */
  readonly set?: ReplicaSet;
};

export type Vote = { readonly term: number; readonly candidate: NodeId };

/**
 * `outside`: beyond the 50th node, which is no member and only runs a client. `removed`: a mongod that the configuration
 * has no place for, not yet or not any more.
 */
export type Role = 'primary' | 'secondary' | 'rollback' | 'startup' | 'arbiter' | 'outside' | 'removed';

/** What a member knows of another. */
export type Peer = {
  /** Whether its last heartbeat was answered. */
  up: boolean;
  /** For how long heartbeats have gone unanswered, milliseconds; null when none is under way. */
  unanswered: number | null;
  /** Since when nothing was heard of it, be it by way of others, counted in heartbeats. Milliseconds. */
  silence: number;
  askedAt: number;
  /** The mean time to and fro, milliseconds; null before the first answer. */
  ping: number | null;
  role: Role | null;
  /** How far its oplog is known to reach. */
  at: OpTime;
  /** Whether anything is known of it since this member was elected. */
  updated: boolean;
  /** Which configuration it said to have; absent while it is the first one. */
  config?: ConfigPlace;
};

/** A round of votes: first a dry run, which commits nobody to anything, then the election itself. */
export type Campaign = { readonly dryRun: boolean; readonly term: number; readonly votes: Table<boolean> };

/** A secondary's cursor on this member's oplog that waits for something new. */
export type Awaiting = { readonly after: OpTime; readonly commit: number };

/** A client that waits until enough members have an entry. */
export type Waiter = {
  readonly to: NodeId;
  readonly id: number;
  readonly number: number;
  readonly at: OpTime;
  readonly w: WriteConcern['w'];
  readonly answer: Reply;
};

/** A client whose session has seen more than this member has. */
export type Reader = {
  readonly to: NodeId;
  readonly id: number;
  readonly number: number;
  readonly find: FindRequest;
};

/** A driver's `hello` that waits until there is something new to say. */
export type HelloWaiter = { readonly id: number };

export type MemberState = {
  readonly self: NodeId;
  readonly incarnation: number;
  readonly knobs: MongoKnobs;
  set: ReplicaSet;
  others: readonly NodeId[];
  readonly peers: Table<Peer>;

  term: number;
  vote: Vote | null;
  /** Entry `i` is at `log[i - 1]`; all of it is applied. */
  readonly log: OplogEntry[];
  /** The majority commit point. Invariant: `commit <= log.length`. */
  commit: number;
  rollbackFiles: RollbackFile[];
  /** What the whole oplog amounts to: `local` reads. */
  data: Data;
  /** What it amounts to up to the commit point: `majority` reads, and where a rollback starts from. */
  readonly committed: Data;

  role: Role;
  /** Whether this primary has caught up and takes writes. */
  writable: boolean;
  primary: NodeId | null;
  campaign: Campaign | null;
  /** Whether a takeover is planned, from a primary of lower priority or one that does not catch up. */
  takeover: boolean;

  /** Whom this member pulls from. */
  source: NodeId | null;
  /** Sources that were of no use, until their next heartbeat. */
  readonly avoided: Table<true>;
  readonly awaiting: Table<Awaiting>;

  waiters: Waiter[];
  /** Administrators who wait until a majority has the configuration; absent when there are none. */
  reconfigs?: { readonly to: NodeId; readonly id: number }[];
  readers: Reader[];
  waits: number;
  /** Counts what drivers must hear of: topologyVersion. */
  version: number;
  readonly hellos: Table<HelloWaiter>;
};
