import type { Table } from '../../base/table.ts';
import type { Leaf, Revisions } from '../../data/revision-tree.ts';
import type { NodeId, Stored } from '../../sim/operation.ts';
import type { Shape } from '../../sim/protocol.ts';
import type { TurnOf } from '../turn.ts';
import type { ShardMap } from './shard-map.ts';

export interface CouchShape extends Shape {
  readonly knobs: CouchKnobs;
  readonly state: CouchState;
  readonly durable: Durable;
  readonly message: Message;
  readonly timer: Timer;
  readonly request: Request;
  readonly reply: Reply;
}

export type Turn = TurnOf<CouchShape>;

export type CouchKnobs = {
  /** `peers`: every node a server of its own that replicates to others; `cluster`: shards and copies. */
  readonly mode: 'peers' | 'cluster';
  readonly q: number;
  readonly n: number;
  /** To how many others a peer replicates. */
  readonly neighbours: number;
  /** Whether a peer replicates by itself, or when it is told to. */
  readonly replication: 'continuous' | 'one-shot';
};

/** What has to do with members that change is there only where they do: other runs keep the states they had. */
export type CouchState = {
  readonly self: NodeId;
  readonly nodes: readonly NodeId[];
  /** The members at the beginning, where not all nodes are. */
  readonly members?: readonly NodeId[];
  readonly knobs: CouchKnobs;
  readonly durable: Durable;
  /** What this node sends to others, by target: a replicator each, or the internal replication of shards. */
  readonly jobs: Table<Job>;
  /** Of a cluster: since its last tick, in ticks, the silence of each peer; and who is lost. */
  readonly silent: Table<number>;
  readonly lost: Table<true>;
  /** What this node coordinates, by number. */
  readonly work: Table<Work>;
  /** The last edit taken or refused for each coordinator: what a link duplicates is no second edit. */
  readonly updates: Table<number>;
  /** Numbers work and what jobs send. Ids of an earlier incarnation are not used again. */
  numbers: number;
  syncing: boolean;
  checkpointing: boolean;
  /** Who has been sent `_nodes` and `_dbs` and has not said that it has them, with the number of that message. */
  telling?: Table<number>;
};

export type Document = Revisions<Stored>;
export type DocumentLeaf = Leaf<Stored>;

export type Durable = {
  /** Each document with the update sequence of its last change. */
  readonly documents: Table<{ readonly sequence: number; readonly revisions: Document }>;
  /** Counts the changes of this database. */
  sequence: number;
  /** Up to which of its own sequences each target has everything, as last noted here. */
  readonly sent: Table<number>;
  /** The same as noted for each source at this target: after a crash the lower of both notes counts. */
  readonly received: Table<number>;
  /** Whether CouchDB does not run at this machine. Until somebody starts or stops it, it runs at the first members. */
  stopped?: boolean;
  /** Of a cluster whose members or shards are others than at first. */
  cluster?: Cluster;
  /** Of a peer: to whom it replicates, where somebody has changed that. */
  targets?: readonly NodeId[];
};

/** What a node knows of its cluster: databases of its own, which nodes replicate to each other (mem3). */
export type Cluster = {
  /** `_nodes`: a document for each node that is or was a member. */
  readonly nodes: Table<Revisions<true>>;
  /** The database's document in `_dbs`; none where the node has joined nobody. */
  map: Revisions<ShardMap>;
  /** In maintenance mode a node answers nothing from its shards, and others bring them up to date. */
  maintenance: boolean;
};

/** One-way replication to a target: see which revisions are missing there, send them, go on. */
export type Job = {
  readonly target: NodeId;
  /** `opening`: asks for the target's checkpoint. `waiting`: for the time of the next attempt. */
  stage: 'stopped' | 'opening' | 'idle' | 'comparing' | 'sending' | 'waiting';
  /** Up to which sequence the target has everything, and what the batch under way will add. */
  through: number;
  until: number;
  /** Of the message that is under way; an answer to an older one is ignored. */
  request: number;
  /** Attempts that failed in a row, and runs of the job that were given up in a row. */
  failures: number;
  crashes: number;
  /** The revision of the target's shard map when the job was opened. */
  map?: string;
};

export type Asker = { readonly node: NodeId; readonly id: number };

/** What a coordinator has under way. */
export type Work = {
  readonly id: number;
  readonly asker: Asker;
  readonly key: string;
  /** Who has not answered. */
  waiting: readonly NodeId[];
} & (
  | {
      readonly kind: 'update';
      readonly quorum: number;
      readonly taken: DocumentLeaf[];
      refused: number;
      /** Whether a copy that was asked was lost before it answered: it may have the edit all the same. */
      doubtful: boolean;
    }
  | {
      readonly kind: 'open';
      readonly quorum: number;
      readonly found: { readonly node: NodeId; readonly revisions: Document }[];
    }
  /** A replication that somebody asked for: `waiting` are the targets that do not have everything yet. */
  | { readonly kind: 'replicate' }
);

/** A write as a client puts it: over a revision, or over none. */
export type Edit = {
  readonly key: string;
  readonly parent: string | null;
  readonly value: Stored;
  readonly deleted: boolean;
};

export type Message =
  /** The replicator: `_local` checkpoint, `_revs_diff`, `_bulk_docs` with `new_edits=false`. */
  | { readonly kind: 'open-job'; readonly request: number }
  | {
      readonly kind: 'job-opened';
      readonly request: number;
      readonly sequence: number;
      readonly map?: string;
    }
  | { readonly kind: 'compare'; readonly request: number; readonly leaves: Table<readonly DocumentLeaf[]> }
  | { readonly kind: 'missing'; readonly request: number; readonly leaves: Table<readonly string[]> }
  | { readonly kind: 'documents'; readonly request: number; readonly leaves: Table<readonly DocumentLeaf[]> }
  | { readonly kind: 'taken'; readonly request: number }
  | { readonly kind: 'checkpoint'; readonly sequence: number }
  /** The cluster: what a coordinator asks of the copies of a shard. */
  | { readonly kind: 'update'; readonly id: number; readonly edit: Edit }
  | { readonly kind: 'updated'; readonly id: number; readonly leaf: DocumentLeaf | null }
  | { readonly kind: 'get'; readonly id: number; readonly key: string }
  | { readonly kind: 'got'; readonly id: number; readonly revisions: Document }
  | { readonly kind: 'repair'; readonly key: string; readonly leaves: readonly DocumentLeaf[] }
  /** Who is asked for a copy keeps none, or is in maintenance mode. */
  | { readonly kind: 'unavailable'; readonly id: number }
  /** mem3: `_nodes` and `_dbs` as the sender has them. */
  | {
      readonly kind: 'system';
      readonly id: number;
      readonly nodes: Table<Revisions<true>>;
      readonly map: Revisions<ShardMap>;
    }
  | { readonly kind: 'system-taken'; readonly id: number }
  /** Erlang's distribution. */
  | { readonly kind: 'tick' | 'hello' | 'hello-ok' | 'connected' | 'closing' };

export type Request =
  | { readonly kind: 'get'; readonly key: string; readonly r: number | null }
  | { readonly kind: 'put'; readonly edit: Edit; readonly w: number | null }
  | { readonly kind: 'replicate' }
  | AdminRequest;

/** What an administrator asks, of one node: each has databases and settings of its own. */
export type AdminRequest =
  /** `_membership`, `_node/_local/_dbs/db`, `_node/_local/_system` and so on, in one. */
  | { readonly kind: 'status' }
  /** Puts a node's document in `_nodes`, or deletes it. */
  | { readonly kind: 'edit-node'; readonly node: NodeId; readonly joins: boolean }
  /** Puts the shard map over the revision that was read. */
  | { readonly kind: 'edit-map'; readonly over: string; readonly map: ShardMap }
  | { readonly kind: 'maintenance'; readonly on: boolean }
  /** Puts and deletes documents in a peer's `_replicator`. */
  | { readonly kind: 'edit-targets'; readonly add: readonly NodeId[]; readonly remove: readonly NodeId[] }
  | { readonly kind: 'start' }
  /** Unless forced only once everybody has what this node has; its database is deleted then. */
  | { readonly kind: 'stop'; readonly force: boolean };

/** What an administrator sees at one node. */
export type Status = {
  readonly nodes: readonly NodeId[];
  readonly knobs: CouchKnobs;
  readonly members: readonly NodeId[];
  /** Whether a node that is no member was one. */
  readonly left: readonly NodeId[];
  readonly map: { readonly revision: string; readonly ranges: ShardMap } | null;
  readonly maintenance: boolean;
  readonly lost: readonly NodeId[];
  /** To whom replication from here is under way (`internal_replication_jobs`, or `_scheduler/docs`). */
  readonly pending: readonly NodeId[];
  /** Whether documents are here that are not to be kept here. */
  readonly hasForeign: boolean;
  /** Of a peer: to whom it replicates. */
  readonly targets: readonly NodeId[];
};

export type Reply =
  | { readonly kind: 'document'; readonly revisions: Document }
  /** 200: of a delete. 201: written. 202: fewer copies than wanted have it. */
  | { readonly kind: 'stored'; readonly status: 200 | 201 | 202; readonly leaf: DocumentLeaf }
  /** 200: done; 202: begun. */
  | { readonly kind: 'replicated'; readonly status: 200 | 202 }
  | { readonly kind: 'status'; readonly status: Status }
  /** 201: put. 200: deleted, or a setting changed. */
  | { readonly kind: 'edited'; readonly status: 200 | 201 }
  | { readonly kind: 'error'; readonly class: 'fail' | 'info'; readonly error: string };

export type Timer =
  'tick' | 'reconnect' | 'system' | 'sync' | 'checkpoint' | `job-${string}` | `wait-${number}`;
