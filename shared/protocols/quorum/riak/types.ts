import type { Table } from '../../../base/table.ts';
import type { MerkleHashes } from '../../../data/merkle.ts';
import type { VectorClock } from '../../../data/vector-clock.ts';
import type { NodeId, OptionValue } from '../../../sim/operation.ts';
import type { Shape } from '../../../sim/protocol.ts';
import type { Entry, Update } from './entry.ts';
import type { Place } from './ring.ts';
import type { Ring } from './ring-state.ts';
import type { Roll } from './roll.ts';

export interface RiakShape extends Shape {
  readonly knobs: RiakKnobs;
  readonly state: RiakState;
  readonly durable: Durable;
  readonly message: Message;
  readonly timer: Timer;
  readonly request: Request;
  readonly reply: Reply;
}

export type RiakKnobs = {
  /** `n_val`: how many partitions keep a key. */
  readonly n: number;
  readonly allowMult: boolean;
  readonly lastWriteWins: boolean;
  readonly dvv: boolean;
};

export type RiakState = {
  readonly self: NodeId;
  readonly nodes: readonly NodeId[];
  /** The founders, where not all nodes are. */
  readonly members?: readonly NodeId[];
  readonly knobs: RiakKnobs;
  readonly durable: Durable;
  /** What this node coordinates or has handed to a coordinator, by id. */
  readonly work: Table<Work>;
  /** Numbers the work, other numbers after every start: answers to work before a crash fit nothing. */
  started: number;
  /** Peers without a connection, and since when by this node's clock. */
  readonly down: Table<number>;
  /** Which peers were heard since the last tick, by their place among the nodes; null before the first one. */
  heard: Roll | null;
  /** Ticks that passed without a word of a peer; absent where the last one brought something. */
  readonly silent: Table<number>;
  /** Of each fallback vnode with data, how often it was looked at since it was last used. */
  readonly idle: Table<number>;
  /** Whether the timer for handoff runs: only while there is something to hand off. */
  handingOff: boolean;
  /** Partitions on their way from here to their next owner. */
  transfers?: Table<Transfer>;
  /** At the claimant: changes that wait for a commit. */
  staged?: Staged;
  /** How many more rings may be sent before the next round of gossip. */
  tokens?: number;
};

/** `taken`: what the next owner has of each key, as labels. */
export type Transfer = { readonly to: NodeId; readonly taken: Table<string> };

/** Who is to leave, and the ring that was shown to whoever asked for the plan last. */
export type Staged = { readonly leaving: readonly NodeId[]; readonly plan: Ring | null };

export type Durable = {
  /** The name under which this disk counts its writes. */
  readonly writer: string;
  /** How many names this node has used for each key: a vnode that has lost a key counts anew, under a new name. */
  readonly epochs: Table<number>;
  /** What each vnode keeps, by partition and key: of partitions this node owns, and of others as fallback. */
  readonly vnodes: Table<Table<Held>>;
  /** Absent while the members are those of the beginning; null once this node has left. */
  ring?: Ring | null;
};

export type Held = {
  readonly entry: Entry;
  /** The name under which this vnode has coordinated writes of the key; null when it has not. */
  readonly actor: string | null;
};

/** The quorum options of a request as they were given: numbers, or `one`, `quorum`, `all`. */
export type Wanted = Readonly<Table<OptionValue>>;

export type Asker =
  /** `doubtful`: another coordinator may have carried the write out already. */
  | { readonly kind: 'driver'; readonly node: NodeId; readonly id: number; readonly doubtful: boolean }
  | { readonly kind: 'node'; readonly node: NodeId; readonly id: string };

/** What must have answered before a request succeeds. */
export type Needs = {
  /** Vnodes of any kind: r, or the larger of w and dw. */
  readonly vnodes: number;
  /** Primaries: pr, pw. */
  readonly primaries: number;
  /** Distinct nodes: node_confirms. */
  readonly nodes: number;
};

export type Asked = Place & { answered: boolean };

export type Work = PutWork | GetWork | ForwardWork | CallWork;
export type PutWork = {
  readonly kind: 'put';
  readonly id: string;
  readonly asker: Asker;
  readonly key: string;
  readonly entry: Entry;
  readonly places: Asked[];
  readonly needs: Needs;
};
export type GetWork = {
  readonly kind: 'get';
  readonly id: string;
  readonly asker: Asker;
  readonly key: string;
  readonly places: Asked[];
  readonly needs: Needs;
  /** What each vnode that has answered holds, by partition; null where it has nothing. */
  readonly found: Table<Entry | null>;
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

/** What an administrator's command waits for at another node. */
export type CallWork = {
  readonly kind: 'call';
  readonly id: string;
  readonly asker: Asker;
  readonly to: NodeId;
  readonly call: Call;
};

/** What one node asks of another by name: of a member its ring, everything else of the claimant. */
export type Call =
  | { readonly kind: 'ring' }
  | { readonly kind: 'leave'; readonly node: NodeId }
  | { readonly kind: 'plan' }
  | { readonly kind: 'commit' };

export type GetRequest = { readonly kind: 'get'; readonly key: string; readonly wanted: Wanted };
export type PutRequest = {
  readonly kind: 'put';
  readonly key: string;
  readonly update: Update;
  /** `X-Riak-Vclock`: what the writer has seen of the key. */
  readonly context: VectorClock;
  readonly wanted: Wanted;
};
/** `riak admin cluster` at this node: `join` to the cluster of another, or what the claimant is asked for. */
export type AdminRequest =
  | { readonly kind: 'join'; readonly to: NodeId }
  | { readonly kind: 'claim'; readonly call: Exclude<Call, { kind: 'ring' }> };
export type Request = GetRequest | PutRequest | AdminRequest;

export type Reply =
  | { readonly kind: 'found'; readonly entry: Entry }
  | { readonly kind: 'stored'; readonly entry: Entry }
  /** A change is staged, or all that are staged are committed. */
  | { readonly kind: 'done' }
  /** What is staged: `join n4`. */
  | { readonly kind: 'planned'; readonly changes: readonly string[] }
  | { readonly kind: 'refused'; readonly class: 'fail' | 'info'; readonly error: string };

export type PutMessage = {
  readonly kind: 'put';
  readonly id: string;
  readonly partition: number;
  readonly key: string;
  readonly entry: Entry;
};
export type GetMessage = {
  readonly kind: 'get';
  readonly id: string;
  readonly partition: number;
  readonly key: string;
};

export type Message =
  | PutMessage
  | { readonly kind: 'put-ok'; readonly id: string; readonly partition: number }
  | GetMessage
  /** Asked of a vnode that has handed its partition off: its next owner answers whoever asked. */
  | { readonly kind: 'passed'; readonly asker: NodeId; readonly message: PutMessage | GetMessage }
  | { readonly kind: 'got'; readonly id: string; readonly partition: number; readonly entry: Entry | null }
  /** Read repair: a read has shown that this vnode lacks something. */
  | { readonly kind: 'repair'; readonly partition: number; readonly key: string; readonly entry: Entry }
  /** Coordinate this write: no vnode of its key is at my node. */
  | { readonly kind: 'forward'; readonly id: string; readonly put: PutRequest }
  | { readonly kind: 'taken'; readonly id: string }
  | { readonly kind: 'outcome'; readonly id: string; readonly reply: Reply }
  /** A vnode gives its keys to the owner of the partition, present or next. */
  | {
      readonly kind: 'handoff';
      readonly partition: number;
      readonly entries: readonly (readonly [key: string, entry: Entry])[];
    }
  | {
      readonly kind: 'handoff-ok';
      readonly partition: number;
      readonly labels: readonly (readonly [key: string, label: string])[];
    }
  /** A connection's sign of life; and how two nodes connect again. */
  | { readonly kind: 'tick' }
  /** `first`: the two have never been connected. */
  | { readonly kind: 'hello'; readonly first?: true }
  | { readonly kind: 'hello-ok' }
  | { readonly kind: 'connected' }
  /** Gossip. */
  | { readonly kind: 'ring'; readonly ring: Ring }
  | { readonly kind: 'call'; readonly id: string; readonly call: Call }
  | { readonly kind: 'called'; readonly id: string; readonly reply: Reply | { kind: 'ring'; ring: Ring } }
  /** Active anti-entropy between two vnodes: hashes of one level of the tree over the keys that both keep. */
  | {
      readonly kind: 'tree';
      readonly mine: number;
      readonly yours: number;
      readonly level: number;
      readonly hashes: MerkleHashes;
    }
  | {
      readonly kind: 'leaves';
      readonly mine: number;
      readonly yours: number;
      readonly buckets: readonly number[];
      readonly entries: readonly (readonly [key: string, entry: Entry])[];
      /** Whether this answers the other's leaves: then nothing more is to be said. */
      readonly answer: boolean;
    };

export type Timer = 'tick' | 'reconnect' | 'handoff' | 'exchange' | 'gossip' | `wait-${string}`;
