import type { Table } from '../../../base/table.ts';
import type { NodeId, Stored, Value } from '../../../sim/operation.ts';
import type { Protocol, Shape } from '../../../sim/protocol.ts';
import type { Frame } from '../../connection.ts';
import type { ClientBody, ServerBody } from '../../coordination.ts';
import type { ClientState, ClientTimer } from '../../coordination-client.ts';
import type { TurnOf } from '../../turn.ts';
import type { Master } from './master-types.ts';
import type { LogMessage, MoveMessage } from './message-types.ts';

/** HBase: the types of the protocol, gathered. */
export type HBase = {
  readonly knobs: HBaseKnobs;
  readonly state: HBaseState;
  readonly durable: HBaseDurable;
  readonly message: HBaseMessage;
  readonly timer: HBaseTimer;
  readonly request: HBaseRequest;
  readonly reply: HBaseReply;
};

export type HBaseKnobs = {
  /** The session timeout that region servers ask ZooKeeper for. Milliseconds. */
  readonly sessionTimeout: number;
  /** After how long without a word from ZooKeeper a region server gives up. Milliseconds. */
  readonly selfAbortAfter: number;
  /** Whether the log of a dead server is closed to its writer before it is read. */
  readonly fenceBeforeReplay: boolean;
};

export type HBaseTimer =
  | `ensemble:${string}`
  | ClientTimer
  | 'self-abort'
  | 'wal-resend'
  | 'wal-timeout'
  | 'report'
  | 'master'
  | 'balancer';

/** The coordination service, as far as HBase sees it: ZooKeeper's server, run inside the nodes. */
export type EnsembleShape = Shape & {
  readonly request: Frame<ClientBody>;
  readonly reply: Frame<ServerBody>;
};
export type Ensemble = Protocol<EnsembleShape>;

/** What is kept under a row key. `value` null: it was deleted. `sequence` counts the changes of its region. */
export type Cell = { readonly value: Stored; readonly sequence: number };

/** A region's content, and which retried changes it has seen (HBase's nonces). */
export type Rows = { readonly cells: Table<Cell>; readonly nonces: Table<number> };

/** An entry of a write-ahead log. `base`: the region was opened here with this content. Never changed. */
export type WalEntry =
  | { readonly kind: 'base'; readonly region: string; readonly rows: Rows; readonly sequence: number }
  | {
      readonly kind: 'edit';
      readonly region: string;
      readonly key: string;
      readonly cell: Cell;
      readonly nonce: string | null;
    };

/** A data node's copy of a write-ahead log. A sealed one takes nothing more from its writer. */
export type WalReplica = { generation: number; sealed: boolean; readonly entries: WalEntry[] };

/** What a crash leaves: the ensemble's disk, and the copies of logs that HDFS keeps here. */
export type HBaseDurable = {
  readonly ensemble: unknown;
  readonly logs: Table<WalReplica>;
  readonly ordered?: Ordered;
};

/** What an administrator has said last of this node's region server; a spare machine's is `stopped` from the start. */
export type Ordered = 'started' | 'stopped';

/** A region server's log. Invariant: `synced` entries are on every node of the pipeline. */
export type Wal = {
  readonly entries: WalEntry[];
  generation: number;
  pipeline: readonly NodeId[];
  /** How many entries each node of the pipeline is known to have. */
  acknowledged: Table<number>;
  synced: number;
  /** The version of the log's znode, which says who is in the pipeline. */
  version: number;
  /** Nodes that were lost; while a new pipeline is being registered, the one wanted. */
  failed: NodeId[];
  wanted: readonly NodeId[] | null;
};

export type Region = {
  /** With changes that are not yet on the whole pipeline: what the next change begins from. */
  readonly latest: Rows;
  /** What readers see. */
  readonly visible: Table<Cell>;
  sequence: number;
  /** The base is on the pipeline: the region is open. */
  open: boolean;
  /** It is being given away: closed to everybody, once so many entries of the log are synced. */
  closing?: number;
  /** It has been given away: another server has it. */
  moved?: true;
  /** It was given away and is back, which is not made known yet. Clients may remember this server, so it serves nobody. */
  unannounced?: true;
};

/** A change whose log entry is under way. */
export type PendingCall = {
  /** How many entries must be synced before it is answered. */
  readonly length: number;
  readonly to: NodeId;
  readonly id: number;
  readonly reply: HBaseReply;
};

export type RegionServer = {
  /** Its name: node, incarnation and start. A server that gave up starts under a new one. */
  readonly id: string;
  phase: 'starting' | 'running' | 'stopping' | 'stopped';
  readonly wal: Wal;
  readonly regions: Table<Region>;
  calls: PendingCall[];
  /** Who has asked it to stop and waits until it has. */
  stopper?: { readonly node: NodeId; readonly id: number };
};

/** Why ZooKeeper was asked something, by the number of the request. */
export type Purpose =
  | { readonly kind: 'register' | 'create-log' | 'change-pipeline' | 'stand' | 'watch-master' }
  | { readonly kind: 'remove-log' | 'unregister' }
  | { readonly kind: 'list-servers' | 'list-logs' }
  | { readonly kind: 'read-region' | 'publish'; readonly region: string }
  | { readonly kind: 'read-log' | 'close-log' | 'drop-log'; readonly server: string };

export type HBaseState = {
  readonly self: NodeId;
  readonly nodes: readonly NodeId[];
  readonly incarnation: number;
  readonly knobs: HBaseKnobs;
  /** The nodes that run ZooKeeper's servers, and stand for master. */
  readonly members: readonly NodeId[];
  /** This node's ZooKeeper server; null where it runs none. */
  readonly ensemble: object | null;
  client: ClientState;
  asked: Table<Purpose>;
  starts: number;
  ordered?: Ordered;
  server: RegionServer;
  master: Master | null;
  readonly logs: Table<WalReplica>;
  /** Copies of regions for reads that may be old, by region. */
  readonly secondaries: Table<Table<Cell>>;
};

export type HBaseMessage =
  | { readonly kind: 'ensemble'; readonly message: object }
  | { readonly kind: 'ask-ensemble'; readonly id: number; readonly frame: Frame<ClientBody> }
  | { readonly kind: 'ensemble-answers'; readonly id: number; readonly frame: Frame<ServerBody> }
  | LogMessage
  /** Master to region server, and back. */
  | {
      readonly kind: 'open-region';
      readonly region: string;
      readonly server: string;
      readonly rows: Rows;
      readonly sequence: number;
    }
  /** `again`: the server had given it away, and waits for the word that everybody may know. */
  | {
      readonly kind: 'region-opened';
      readonly region: string;
      readonly server: string;
      readonly again?: true;
    }
  | MoveMessage
  /** Primary to secondary, without waiting for it. `cells`: everything, or what has changed. */
  | { readonly kind: 'replicate'; readonly region: string; readonly cells: Table<Cell> };

export type HBaseRequest =
  | { readonly kind: 'coordination'; readonly frame: Frame<ClientBody> }
  /** `server`: the name of the server that is meant, for its node may run another by now; the first one if not given. */
  | { readonly kind: 'call'; readonly region: string; readonly call: Call; readonly server?: string }
  | AdminRequest;

/** What an administrator's tools ask: of a machine, to start or stop its region server; of the master, to unload one. */
type AdminRequest =
  | { readonly kind: 'start-server' | 'stop-server' }
  | { readonly kind: 'unload-server'; readonly node: NodeId };

/** What a client asks of a region server. `timeline`: a secondary may answer (Consistency.TIMELINE). */
export type Call =
  | { readonly kind: 'get'; readonly key: string; readonly timeline: boolean }
  | { readonly kind: 'put'; readonly key: string; readonly value: Stored }
  | { readonly kind: 'delete'; readonly key: string }
  | { readonly kind: 'add' | 'remove'; readonly key: string; readonly item: Value }
  | { readonly kind: 'check-and-put'; readonly key: string; readonly expected: Value; readonly value: Value }
  | { readonly kind: 'increment'; readonly key: string; readonly by: number; readonly nonce: string }
  | { readonly kind: 'append'; readonly key: string; readonly value: Value; readonly nonce: string };

export type HBaseReply =
  | { readonly kind: 'coordination'; readonly frame: Frame<ServerBody> }
  /** `applied` false: a check-and-put found something else, which is in `cell`. */
  | {
      readonly kind: 'result';
      readonly cell: Cell | null;
      readonly stale: boolean;
      readonly applied: boolean;
    }
  | {
      readonly kind: 'exception';
      readonly error:
        | 'NotServingRegionException'
        | 'RegionServerStoppedException'
        | 'DoNotRetryIOException'
        /** No region server runs here: nobody listens. */
        | 'ConnectException'
        /** The master does not know yet who is there, or is none. */
        | 'PleaseHoldException'
        /** It has regions again since it was unloaded. */
        | 'ServerNotEmpty';
    }
  /** What an administrator asked is done, or is not to be done. */
  | { readonly kind: 'done' }
  | { readonly kind: 'refused'; readonly why: 'running' | 'unknown' | 'alone' };

/** One step: what the world supplies, what was done so far, and what this node has told itself. */
export type Turn = TurnOf<HBase> & {
  readonly ensemble: Ensemble;
  readonly local: HBaseMessage[];
  /** Of the coordination client's random draws. */
  draws: number;
};
