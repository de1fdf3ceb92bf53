import type { Table } from '../../base/table.ts';
import type { MerkleHashes } from '../../data/merkle.ts';
import type { VersionVector } from '../../data/version-vector.ts';
import type { Version, Versions } from '../../data/versions.ts';
import type { NodeId, Value } from '../../sim/operation.ts';
import type { Shape } from '../../sim/protocol.ts';

export interface QuorumShape extends Shape {
  readonly knobs: QuorumKnobs;
  readonly state: QuorumState;
  readonly durable: Durable;
  readonly message: Message;
  readonly timer: Timer;
  readonly request: Request;
  readonly reply: Reply;
}

export type QuorumKnobs = {
  /** Copies of a key, and how many of them a read and a write wait for. */
  readonly n: number;
  readonly r: number;
  readonly w: number;
  /** Whether healthy nodes further along the ring stand in for owners that are down. */
  readonly sloppy: boolean;
  /** What becomes of concurrent versions when they are read. */
  readonly resolver: 'siblings' | 'last-write-wins';
};

/** What people store: one value, or a set of values (a cart) as a sorted list. */
export type Stored = Value | readonly Value[];

export type Copy = Version<Stored>;
export type Copies = Versions<Stored>;

/** That a node has joined or left, and when it was asked for, milliseconds. */
export type Change = { readonly joined: boolean; readonly at: number };
/** The latest change of each node that has joined or left. */
export type Changes = Readonly<Table<Change>>;

/** What has to do with members that change is there only where they do: other runs keep the states they had. */
export type QuorumState = {
  readonly self: NodeId;
  readonly nodes: readonly NodeId[];
  /** The members at the beginning, where not all nodes are; those now, and those before the latest change. */
  readonly members?: readonly NodeId[];
  ring?: readonly NodeId[];
  before?: readonly NodeId[];
  /** Whether the timer for gossip runs: once there is something to tell. */
  gossiping?: boolean;
  readonly knobs: QuorumKnobs;
  readonly incarnation: number;
  readonly durable: Durable;
  /** What this node coordinates or has forwarded, by id. */
  readonly work: Table<Work>;
  /** Numbers the work. */
  started: number;
  /** Peers this node takes to be down, and since when by its own clock. Nobody else's opinion counts. */
  readonly down: Table<number>;
  /** Peers that owe an answer outside of any work, and for how many ticks. */
  readonly unanswered: Table<number>;
  /** The last suspect probed; with many suspects they take turns. */
  probed: NodeId;
  /** Whether the tick timer runs: only while there is somebody to probe or a hint to hand back. */
  ticking: boolean;
};

export type Durable = {
  /** The name under which this disk counts its writes. */
  readonly writer: string;
  /** How many writes of each key were coordinated here. Must never go back, or two writes share a dot. */
  readonly counters: Table<number>;
  /** Copies of the keys this node owns. */
  readonly data: Table<Copies>;
  /** Copies held for others, by owner and key: §4.6 keeps them in a separate local database. */
  readonly hints: Table<Table<Copies>>;
  changes?: Table<Change>;
};

/** Whom the outcome of a piece of work goes to. */
export type Asker =
  /** `doubtful`: another coordinator may have carried the write out already, so nothing is certainly undone. */
  | { readonly kind: 'driver'; readonly node: NodeId; readonly id: number; readonly doubtful: boolean }
  | { readonly kind: 'node'; readonly node: NodeId; readonly id: string };

/** One place of a key: the owner it belongs to, who was asked to fill it, and what came of that. */
export type Place = {
  readonly owner: NodeId;
  readonly node: NodeId;
  state: 'waiting' | 'answered' | 'silent';
};

export type Work = PutWork | GetWork | ForwardWork;
export type PutWork = {
  readonly kind: 'put';
  readonly id: string;
  readonly asker: Asker;
  readonly key: string;
  readonly version: Copy;
  readonly places: Place[];
  rounds: number;
  /** Whether the asker has its outcome. The work goes on: late answers still count for hints and repair. */
  told: boolean;
};
export type GetWork = {
  readonly kind: 'get';
  readonly id: string;
  readonly asker: Asker;
  readonly key: string;
  readonly places: Place[];
  /** What each node that answered holds. */
  readonly found: Table<Copies>;
  rounds: number;
  told: boolean;
};
export type ForwardWork = {
  readonly kind: 'forward';
  readonly id: string;
  readonly asker: Asker & { readonly kind: 'driver' };
  readonly put: PutRequest;
  /** Everybody asked to coordinate so far; the last one is being waited for. */
  readonly asked: NodeId[];
  taken: boolean;
};

export type PutRequest = {
  readonly kind: 'put';
  readonly key: string;
  readonly value: Stored;
  readonly deleted: boolean;
  /** What the writer has seen of this key. */
  readonly context: Readonly<VersionVector>;
};
export type Request =
  | { readonly kind: 'get'; readonly key: string }
  | PutRequest
  /** An administrator's word on who is a member. */
  | { readonly kind: 'change'; readonly node: NodeId; readonly joins: boolean };

export type Reply =
  | { readonly kind: 'found'; readonly versions: Copies; readonly context: Readonly<VersionVector> }
  | { readonly kind: 'stored'; readonly context: Readonly<VersionVector> }
  | { readonly kind: 'changed' }
  | { readonly kind: 'refused'; readonly class: 'fail' | 'info'; readonly error: string };

export type Message =
  /** Keep this version: as an owner, or for an owner that is down. */
  | {
      readonly kind: 'put';
      readonly id: string;
      readonly key: string;
      readonly version: Copy;
      readonly standInFor: NodeId | null;
    }
  | { readonly kind: 'put-ok'; readonly id: string; readonly key: string }
  | { readonly kind: 'get'; readonly id: string; readonly key: string }
  | { readonly kind: 'got'; readonly id: string; readonly key: string; readonly versions: Copies }
  /** Coordinate this write: I am not among the first nodes of its key. */
  | { readonly kind: 'forward'; readonly id: string; readonly put: PutRequest }
  | { readonly kind: 'taken'; readonly id: string }
  | { readonly kind: 'outcome'; readonly id: string; readonly reply: Reply }
  /** Read repair: a read has shown that you lack these. */
  | { readonly kind: 'repair'; readonly key: string; readonly versions: Copies }
  /** Yours: I kept it while you were away. */
  | { readonly kind: 'hand-off'; readonly key: string; readonly versions: Copies }
  | { readonly kind: 'hand-off-ok'; readonly key: string; readonly label: string }
  /** The owner has it after all: no need to hand it off. */
  | { readonly kind: 'drop-hint'; readonly owner: NodeId; readonly key: string; readonly label: string }
  /** Who has joined and left, as far as the sender knows; and what the other knows in return. */
  | { readonly kind: 'changes'; readonly changes: Changes; readonly answer: boolean }
  | { readonly kind: 'ping' }
  | { readonly kind: 'pong' }
  /** Anti-entropy: hashes of one level of the tree over the keys that both own. */
  | { readonly kind: 'tree'; readonly level: number; readonly hashes: MerkleHashes }
  | {
      readonly kind: 'leaves';
      readonly buckets: readonly number[];
      readonly entries: readonly (readonly [key: string, versions: Copies])[];
      /** Whether this answers the other's leaves: then nothing more is to be said. */
      readonly answer: boolean;
    };

export type Timer = 'tick' | 'anti-entropy' | 'gossip' | `wait-${string}`;
