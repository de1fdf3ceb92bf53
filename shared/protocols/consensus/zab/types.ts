import type { Table } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import type { ClientBody, ClientRequest, ServerBody, Watch } from '../../coordination.ts';
import type { End, Frame } from '../../connection.ts';
import type { Change, Tree } from './tree.ts';

/** ZooKeeper's server: the types of the protocol, gathered. */
export type Zab = {
  readonly knobs: ZabKnobs;
  readonly state: ZabState;
  readonly durable: ZabDurable;
  readonly message: ZabMessage;
  readonly timer: ZabTimer;
  readonly request: Frame<ClientBody>;
  readonly reply: Frame<ServerBody>;
};

export type ZabKnobs = {
  /** The unit of the following limits; the leader pings twice in each. Milliseconds. */
  readonly tickTime: number;
  /** How long followers may take to connect to a leader and to catch up. Ticks. */
  readonly initLimit: number;
  /** How long a leader and a follower may be silent towards each other. Ticks. */
  readonly syncLimit: number;
  /** Whether a server without a leader serves reads to clients that asked for that. */
  readonly readOnlyMode: boolean;
  /** Whether the servers that vote may be changed while the ensemble runs. */
  readonly reconfigEnabled?: boolean;
};

export type ZabTimer =
  | 'notify'
  | 'tell'
  | 'finalize'
  /** Half a tick of the leader. */
  | 'tick'
  /** The limit to get a quorum behind a new leader; or to get from a new leader what it has. */
  | 'init'
  /** The learner's socket timeout. */
  | 'silence'
  | 'connect'
  | 'read-only';

/** Which servers vote, and the transaction that said so; 0: the beginning. */
export type Configuration = { readonly zxid: number; readonly voters: readonly NodeId[] };

/** A transaction in the log. Never changed. */
export type Transaction = {
  readonly zxid: number;
  /** Which server answers the client, at which of its connections, and which request it was. */
  readonly origin: { readonly server: NodeId; readonly connection: string; readonly xid: number } | null;
  readonly change: Change;
};

/** What a crash leaves: files acceptedEpoch and currentEpoch, the transaction log, and who votes. */
export type ZabDurable = {
  readonly acceptedEpoch: number;
  readonly currentEpoch: number;
  readonly log: Transaction[];
  /** The configuration file; absent while that is the first one. */
  readonly inForce?: Configuration;
};

/** For whom a server votes. The higher epoch wins, then the higher zxid, then the higher server id. */
export type Vote = {
  readonly leader: NodeId;
  /** The leader's server id (myid): its place in the list of nodes, from 1. */
  readonly sid: number;
  readonly zxid: number;
  readonly epoch: number;
};

export type ServerState = 'looking' | 'following' | 'leading';

export type Notification = {
  readonly kind: 'notification';
  readonly vote: Vote;
  /** ZooKeeper's electionEpoch: counts the elections that the sender took part in. */
  readonly round: number;
  readonly state: ServerState;
  /** The sender's configuration; absent while all servers vote as ever. */
  readonly configuration?: Configuration;
  /** Said to one server, which had said something; absent, too, while all servers vote as ever. */
  readonly isAnswer?: true;
};

/** What a learner tells its leader. */
export type LearnerBody =
  | { readonly kind: 'follower-info'; readonly acceptedEpoch: number }
  /** `currentEpoch` null: this epoch was accepted before, so that it may not count a second time. */
  | { readonly kind: 'ack-epoch'; readonly currentEpoch: number | null; readonly zxid: number }
  | { readonly kind: 'ack'; readonly zxid: number }
  | { readonly kind: 'request'; readonly transaction: Omit<Transaction, 'zxid'> }
  | { readonly kind: 'sync'; readonly connection: string; readonly xid: number }
  | { readonly kind: 'revalidate'; readonly connection: string; readonly session: string };

/** What a leader tells a learner. */
export type LeaderBody =
  | { readonly kind: 'leader-info'; readonly epoch: number }
  | History
  | { readonly kind: 'up-to-date' }
  | { readonly kind: 'proposal'; readonly transaction: Transaction }
  | { readonly kind: 'commit'; readonly zxid: number }
  | { readonly kind: 'synced'; readonly connection: string; readonly xid: number }
  | {
      readonly kind: 'revalidated';
      readonly connection: string;
      readonly session: string;
      readonly valid: boolean;
    };

/**
 * How the learner's log becomes the leader's, and NEWLEADER. `diff`: the log goes on from its end. `trunc`: what
 * follows `after` goes first. `snap`: everything is replaced.
 */
export type History = {
  readonly kind: 'new-leader';
  readonly epoch: number;
  readonly mode: 'diff' | 'trunc' | 'snap';
  readonly after: number;
  readonly transactions: readonly Transaction[];
};

/** `toward` tells which of its two parts a server is addressed in: connections are numbered by learners. */
export type ZabMessage =
  | Notification
  | { readonly kind: 'frame'; readonly toward: 'leader'; readonly frame: Frame<LearnerBody> }
  | { readonly kind: 'frame'; readonly toward: 'learner'; readonly frame: Frame<LeaderBody> }
  /** The answer to a ping: which sessions the learner has heard from. */
  | {
      readonly kind: 'touched';
      readonly connection: number;
      readonly sent: number;
      readonly received: number;
      readonly sessions: readonly string[];
    };

/** A server that looks for a leader (FastLeaderElection). */
export type Looking = {
  readonly kind: 'looking';
  readonly own: Vote;
  vote: Vote;
  /** Votes of this round, and of servers that follow or lead already. */
  readonly received: Table<ReceivedVote>;
  readonly settled: Table<ReceivedVote>;
  /** How long to wait for news before the own vote is told again; doubles. Milliseconds. */
  patience: number;
  /** Whether a quorum agrees and only a better vote is awaited. */
  finalizing: boolean;
  readOnly: boolean;
  /** Whether a changed vote is about to be told. */
  telling: boolean;
};

export type ReceivedVote = { readonly vote: Vote; readonly round: number; readonly state: ServerState };

export type Following = {
  readonly kind: 'following';
  readonly leader: NodeId;
  end: End<LearnerBody>;
  attempts: number;
  /** `connect`: not yet answered. `sync`: waits for the leader's history. `wait`: has it, and may not serve yet. */
  phase: 'connect' | 'sync' | 'wait' | 'serve';
  /** Where the leader's history ended: all of it is committed once the leader lets this server serve. */
  history: number;
  /** Sessions heard from since the last ping. */
  touched: string[];
};

export type Leading = {
  readonly kind: 'leading';
  /** `discovery`: waits for a quorum to agree on an epoch; `sync`: to have the history; then it serves. */
  phase: 'discovery' | 'epoch' | 'sync' | 'serve';
  epoch: number;
  /** How many transactions the log had when it began: all of them are kept. */
  readonly history: number;
  readonly learners: Table<Learner>;
  ticks: number;
  halfTick: boolean;
  counter: number;
  /** At which tick each session ends, unless it is heard from. */
  readonly expiries: Table<number>;
  /** Syncs that wait for what was proposed before them. */
  syncs: {
    readonly zxid: number;
    readonly to: NodeId | null;
    readonly connection: string;
    readonly xid: number;
  }[];
};

/** A follower as its leader knows it. */
export type Learner = {
  readonly end: End<LeaderBody>;
  acceptedEpoch: number;
  /** `info`: has told its epoch. `epoch`: has accepted the new one. `sync`: was sent the history. `synced`: has it. */
  phase: 'info' | 'epoch' | 'sync' | 'synced';
  /** Whether it has accepted this epoch now, not from somebody else before. */
  counts: boolean;
  /** Where its log ended when it accepted the epoch. */
  zxid: number;
  /** Everything up to here is on its disk. */
  acknowledged: number;
  /** The tick until which it counts as synced. */
  deadline: number;
};

/** A client's connection at its server. */
export type ClientConnection = {
  readonly node: NodeId;
  readonly id: number;
  readonly end: End<ServerBody>;
  /** Null until the session is there. */
  session: string | null;
  readonly readOnly: boolean;
  /** Requests wait behind changes of the same client that are under way. */
  queue: (ClientRequest & { readonly xid: number })[];
  underWay: number;
  watches: Watch[];
};

export type ZabState = {
  readonly self: NodeId;
  readonly nodes: readonly NodeId[];
  readonly others: readonly NodeId[];
  readonly incarnation: number;
  readonly knobs: ZabKnobs;
  /** A majority of those that vote at the beginning. */
  readonly quorum: number;
  /** Those in the log, in its order, the first one before them; absent while all servers vote as ever. */
  configurations?: readonly Configuration[];
  /** The latest one known to be committed, from the own log or from another server; absent while that is the first. */
  inForce?: Configuration;

  acceptedEpoch: number;
  currentEpoch: number;
  /** In the order of zxids. */
  log: Transaction[];
  /** How many transactions of the log are in the tree. */
  applied: number;
  tree: Tree;

  role: Looking | Following | Leading;
  /** ZooKeeper's logicalclock. */
  round: number;
  /** What it tells servers that look for a leader while it has one. */
  vote: Vote;
  /** Numbers connections to leaders and sessions. */
  opened: number;
  sessions: number;
  /** The latest connection of each learner that was ever accepted. */
  readonly accepted: Table<number>;
  /** Clients' connections by node and request id. */
  readonly clients: Table<ClientConnection>;
};
