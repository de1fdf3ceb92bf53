import type { Table } from '../../base/table.ts';
import type { NodeId } from '../../sim/operation.ts';
import type { MemberChange, Membership } from './member-change.ts';
import type { Command, Reply, Request, Store } from './store.ts';
import type { Watcher } from './watches.ts';

/** Raft as etcd runs it: the types of the protocol, gathered. */
export type Raft = {
  readonly knobs: RaftKnobs;
  readonly state: RaftState;
  readonly durable: RaftDurable;
  readonly message: RaftMessage;
  readonly timer: RaftTimer;
  readonly request: Request;
  readonly reply: Reply;
};

export type RaftKnobs = {
  /** One tick of Raft's logical clock: etcd counts everything in heartbeats. Milliseconds. */
  readonly heartbeatMs: number;
  /** Each node draws its own timeout from one to almost two of these. Milliseconds. */
  readonly electionMs: number;
  /** Ask whether one could win before raising one's term (Ongaro 2014 §9.6). */
  readonly preVote: boolean;
  /** A leader that does not hear a majority steps down, and voters keep a lease (Ongaro 2014 §6.2, §4.2.3). */
  readonly checkQuorum: boolean;
  /** How many of the last members receive the log and neither vote nor count. */
  readonly learners: number;
  /** Refuse changes of members that could cost the quorum. */
  readonly strictReconfigCheck: boolean;
};

export type RaftTimer = 'tick' | 'publish' | 'stop' | 'read-retry' | 'read-timeout' | `request-${number}`;

/** `pre-candidate` asks whether it could win; `candidate` stands for election in a term of its own. */
export type Role = 'follower' | 'pre-candidate' | 'candidate' | 'leader';

/** A change on its way into the log. The id names member, incarnation and count, so it is never used twice. */
export type Proposal = { readonly id: string; readonly command: Command | MemberChange };

/** A place in the log. Without a proposal it is the empty entry that begins a leader's term. Never changed. */
export type Entry = { readonly index: number; readonly term: number; readonly proposal: Proposal | null };

/** etcd's HardState and log: what a crash leaves. */
export type RaftDurable = {
  readonly term: number;
  readonly vote: NodeId | null;
  readonly commit: number;
  readonly log: Entry[];
};

/** What a node keeps about another. Everything up to `readAck` is the leader's and begins anew with each term. */
export type Peer = {
  /** The log is known to agree up to here. Invariant: `match < next`. */
  match: number;
  /** The next entry to send. */
  next: number;
  /** `probe`: one append at a time until the logs are known to meet; `replicate`: a stream of them. */
  mode: 'probe' | 'replicate';
  /** No append is sent before the next sign of life. */
  paused: boolean;
  /** Whether it has answered since the last look at the quorum. */
  active: boolean;
  /** The latest read round that it has confirmed in this term. */
  readAck: number;
  heardAt: number;
  /** Since when the connection stands, in the sense of rafthttp: no silence of more than five seconds. */
  connectedSince: number;
  /** The last forwarded proposal taken from it: what a link duplicates must not be proposed twice. */
  serial: number;
};

/** A read-index request at the leader, until a majority has answered a heartbeat that was sent after it came. */
export type ReadRequest = {
  readonly member: NodeId;
  readonly id: number;
  readonly index: number;
  readonly context: number;
};

/** A client's linearizable read that waits at its member. */
export type ReadWaiter = { readonly to: NodeId; readonly request: number; readonly key: string };

/** A client's change that waits at its member. `start`: the node's clock when it came. */
export type PendingRequest = { readonly to: NodeId; readonly request: number; readonly start: number };

export type RaftState = {
  readonly self: NodeId;
  /** The members of the configuration applied last; this node need not be one of them. */
  nodes: readonly NodeId[];
  /** The other members. */
  others: readonly NodeId[];
  /** Members that receive the log and neither vote nor count; absent when there are none. */
  learners?: readonly NodeId[];
  /** Absent where no machine is spare and the members have never changed. */
  membership?: Membership;
  /** Absent unless changes of members are taken without a look at the quorum. */
  readonly laxReconfig?: true;
  readonly incarnation: number;
  readonly heartbeatMs: number;
  readonly electionTicks: number;
  readonly preVote: boolean;
  readonly checkQuorum: boolean;
  /** A majority of all voters, reachable or not. */
  quorum: number;

  term: number;
  vote: NodeId | null;
  /** Entry `i` is at `log[i - 1]`. */
  readonly log: Entry[];
  /** Invariant: `applied <= commit <= log.length`. */
  commit: number;
  applied: number;

  role: Role;
  leader: NodeId | null;
  /** Ticks since a leader was heard; at a leader, since it last looked at its quorum. */
  elapsed: number;
  /** Ticks without a leader after which this node stands for election. */
  timeout: number;
  votes: Table<boolean>;
  readonly peers: Table<Peer>;

  /** The leader's part of reads. */
  readContext: number;
  readQueue: ReadRequest[];
  /** Reads that came before this leader had committed anything in its term. */
  earlyReads: { readonly member: NodeId; readonly id: number }[];

  /** The member's part: what etcd's server keeps around its Raft node. */
  readonly store: Store;
  /** The leader that the server part knows; differs from `leader` only within a step. */
  seenLeader: NodeId | null;
  /** When this node last became leader, by its own clock; null if it never did. */
  electedAt: number | null;
  proposals: number;
  pending: Table<PendingRequest>;
  /** Proposals that have not entered Raft because no leader is known. */
  waiting: Proposal[];
  /** Forwarded proposals sent; numbers them. */
  forwarded: number;
  readIds: number;
  /** Reads that came since the round under way began. */
  nextReads: ReadWaiter[];
  readRound: ReadRound | null;
  /** When leases end by this leader's clock; absent where none was ever counted. */
  leaseExpiry?: Table<number>;
  /** Clients that watch at this member; absent when there are none. */
  watchers?: Watcher[];
  /** Answers to this member's read-index requests, not yet looked at. */
  confirmed: { readonly id: number; readonly index: number }[];
};

/** The member's read-index round: all its reads share one. `index` is null until the leader has confirmed. */
export type ReadRound = {
  readonly waiters: readonly ReadWaiter[];
  readonly firstId: number;
  lastId: number;
  index: number | null;
};

/** Messages that carry their sender's term. */
export type TermMessage =
  | {
      readonly kind: 'pre-vote' | 'vote';
      readonly term: number;
      readonly lastIndex: number;
      readonly lastTerm: number;
    }
  | { readonly kind: 'pre-vote-reply' | 'vote-reply'; readonly term: number; readonly granted: boolean }
  | AppendMessage
  | { readonly kind: 'append-reply'; readonly term: number; readonly index: number }
  | {
      readonly kind: 'append-reject';
      readonly term: number;
      /** The place that did not match. */
      readonly index: number;
      /** The last place of the follower's log that may match, and its term. */
      readonly hint: number;
      readonly hintTerm: number;
    }
  /** `context` names the latest read round that waits, 0 for none. */
  | { readonly kind: 'heartbeat'; readonly term: number; readonly commit: number; readonly context: number }
  | { readonly kind: 'heartbeat-reply'; readonly term: number; readonly context: number }
  | { readonly kind: 'read-index-reply'; readonly term: number; readonly id: number; readonly index: number };

export type AppendMessage = {
  readonly kind: 'append';
  readonly term: number;
  readonly prevIndex: number;
  readonly prevTerm: number;
  readonly entries: readonly Entry[];
  readonly commit: number;
};

/** Forwarded requests belong to no term: whoever leads may take them. */
export type RaftMessage =
  | TermMessage
  | { readonly kind: 'propose'; readonly proposal: Proposal; readonly serial: number }
  /** A change of members that the leader does not take. */
  | { readonly kind: 'refused'; readonly id: string; readonly error: string }
  /** The receiver was removed by that entry: rafthttp answers 410 Gone. */
  | { readonly kind: 'gone'; readonly index: number }
  /** The answer of a node that was added again since: it is a member by the configuration of that entry. */
  | { readonly kind: 'back'; readonly index: number }
  | { readonly kind: 'read-index'; readonly member: NodeId; readonly id: number }
  /** A client keeps its lease alive, by way of its member. */
  | { readonly kind: 'renew'; readonly lease: string; readonly to: NodeId; readonly request: number }
  | {
      readonly kind: 'renewed';
      readonly lease: string;
      readonly to: NodeId;
      readonly request: number;
      readonly found: boolean;
    };
