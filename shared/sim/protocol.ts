import type { Table } from '../base/table.ts';
import type { NodeId, Value } from './operation.ts';

/** The types of one protocol, gathered so that everything else has a single parameter. All are plain data. */
export interface Shape {
  /** The system's settings: heartbeat, quorum sizes … Integers, booleans and short texts. */
  readonly knobs: object;
  readonly state: object;
  /** The part of the state that survives a crash. */
  readonly durable: unknown;
  /** What replicas tell each other. Immutable once sent: sender and receiver hold the same object. */
  readonly message: object;
  /** A timer's name. Setting a name again replaces the timer. */
  readonly timer: string;
  readonly request: object;
  readonly reply: object;
}

/** What a replica or driver is told once, when it starts. */
export interface Config<Knobs> {
  readonly self: NodeId;
  /** Every node of the cluster in a fixed order, this one among them. */
  readonly nodes: readonly NodeId[];
  /** Those that are members at the beginning of the run, in the same order. The others are spare machines. */
  readonly members: readonly NodeId[];
  readonly knobs: Knobs;
  /** How often this node has been started, from 1. Ids that carry it are not used again after a crash. */
  readonly incarnation: number;
}

export type Input<P extends Shape> =
  /** First boot, or a restart: the only thing known is what was persisted. */
  | { readonly kind: 'start' }
  | { readonly kind: 'message'; readonly from: NodeId; readonly message: P['message'] }
  | { readonly kind: 'timer'; readonly timer: P['timer'] }
  /** A driver asks. `from` is the node the driver runs at, often this one. */
  | { readonly kind: 'request'; readonly from: NodeId; readonly id: number; readonly request: P['request'] }
  /** The connection to that node was reset: its process died. Only with `connections`. */
  | { readonly kind: 'disconnected'; readonly from: NodeId };

export type Output<P extends Shape> =
  | { readonly kind: 'send'; readonly to: NodeId; readonly message: P['message'] }
  | { readonly kind: 'set-timer'; readonly timer: P['timer']; readonly after: number }
  | { readonly kind: 'cancel-timer'; readonly timer: P['timer'] }
  /** The durable part of the state is on disk now; what follows in the list happens only after that. */
  | { readonly kind: 'persist' }
  | { readonly kind: 'reply'; readonly to: NodeId; readonly id: number; readonly reply: P['reply'] }
  | { readonly kind: 'mark'; readonly mark: Mark }
  /** The process gives up, as real ones do when their disk contradicts what others tell: it crashes. */
  | { readonly kind: 'halt'; readonly reason: string };

/** A moment worth showing: an election, a commit, a conflict. `text` is one plain line. */
export type Mark = {
  readonly name: MarkName;
  /** The term or epoch it belongs to, where the protocol has one. */
  readonly term: number | null;
  readonly text: string;
};

export type MarkName =
  /** This replica now leads (its group, its shard); it came into or left another role. */
  | 'leader'
  | 'role'
  /** The members are others now. */
  | 'members'
  /** The process gives up. */
  | 'halt'
  | 'commit'
  /** An unacknowledged suffix of a log was dropped; acknowledged writes were discarded. */
  | 'truncate'
  | 'rollback'
  | 'conflict'
  | 'merge'
  | 'hint'
  | 'handoff'
  | 'repair'
  /** A failure detector changed its mind about a peer. */
  | 'suspect'
  | 'trust'
  /** A shard has another owner. */
  | 'failover'
  /** A session or lease was granted, or ran out. */
  | 'lease'
  | 'expire'
  /** A transaction is prepared, or was given up. */
  | 'prepare'
  | 'abort';

/** What the world supplies with each input. */
export interface Ambient {
  /** The node's own clock, virtual milliseconds: true time plus the node's skew. */
  readonly now: number;
  /** A fresh uint32. More are derived from it with `draw(random, i)`. */
  readonly random: number;
}

/** What a replica looks like from outside, in the words every screen uses. */
export type ReplicaView = {
  /**
   * `leader`, `follower`, `pre-candidate`, `candidate`; `replica` where all are alike; `spare` where this node is no
   * member of the cluster, not yet or not any more.
   */
  readonly role: string;
  readonly term: number | null;
  /** Whom this replica takes for the leader; null where unknown or where there is none. */
  readonly leader: NodeId | null;
  readonly data: Table<DataView>;
  /** Further facts, each a label and a short text: commit index, hints held … */
  readonly facts: readonly (readonly [label: string, text: string])[];
  /** Whom this replica takes for the members, where members come and go. */
  readonly members?: MembersView;
  /** Of a node with several stores: the view of each, by its name. */
  readonly parts?: Table<ReplicaView>;
};

/** The members of a cluster, as one replica has it. */
export type MembersView = {
  /** Of two replicas' members those of the higher version are the later ones: a log index, an epoch, a count. */
  readonly version: number;
  /** Those that count to a quorum, where there are quorums of all members. */
  readonly voters: readonly NodeId[];
};

/** The data under one key at one replica. More than one value: concurrent siblings. */
export type DataView = {
  readonly values: readonly (Value | readonly Value[])[];
  /** One short text: `rev 5`, `n1:2 n3:1`. */
  readonly version: string;
};

/**
 * A replica's algorithm. `step` is deterministic: no clock, no chance but the ambient; it changes only
 * `state`, in place, and treats inputs as frozen. State, messages, requests and replies are plain data.
 */
export interface Protocol<P extends Shape = Shape> {
  readonly name: string;
  /** `stream`: messages of a link arrive in the order sent. `datagram`: jitter may reorder them. */
  readonly channel: 'stream' | 'datagram';
  /** Whether replicas and drivers learn at once that a peer's process died (its sockets are reset). */
  readonly connections: boolean;
  /** The state before `start`: fresh when `durable` is null, recovered otherwise. `durable` may be kept. */
  init(config: Config<P['knobs']>, durable: P['durable'] | null): P['state'];
  step(state: P['state'], input: Input<P>, ambient: Ambient): Output<P>[];
  /** What is on disk as of the last `persist`. A step that changes it outputs `persist` before any send or reply. */
  durable(state: P['state']): P['durable'];
  /** Freezes what a state read from text holds and never changes, a log's entries say: copies then share it. */
  freeze?(state: P['state']): void;
  view(state: P['state']): ReplicaView;
  describeMessage(message: P['message']): string;
  describeState(state: P['state']): string;
}
