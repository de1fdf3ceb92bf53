import type { Table } from '../../base/table.ts';
import type { Leaf, Revisions } from '../../data/revision-tree.ts';
import type { NodeId, Stored } from '../../sim/operation.ts';
import type { Shape } from '../../sim/protocol.ts';
import type { TurnOf } from '../turn.ts';

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

export type CouchState = {
  readonly self: NodeId;
  readonly nodes: readonly NodeId[];
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
  | { readonly kind: 'job-opened'; readonly request: number; readonly sequence: number }
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
  /** Erlang's distribution. */
  | { readonly kind: 'tick' | 'hello' | 'hello-ok' | 'connected' };

export type Request =
  | { readonly kind: 'get'; readonly key: string; readonly r: number | null }
  | { readonly kind: 'put'; readonly edit: Edit; readonly w: number | null }
  | { readonly kind: 'replicate' };

export type Reply =
  | { readonly kind: 'document'; readonly revisions: Document }
  /** 200: of a delete. 201: written. 202: fewer copies than wanted have it. */
  | { readonly kind: 'stored'; readonly status: 200 | 201 | 202; readonly leaf: DocumentLeaf }
  /** 200: done; 202: begun. */
  | { readonly kind: 'replicated'; readonly status: 200 | 202 }
  | { readonly kind: 'error'; readonly class: 'fail' | 'info'; readonly error: string };

export type Timer = 'tick' | 'reconnect' | 'sync' | 'checkpoint' | `job-${string}` | `wait-${number}`;
