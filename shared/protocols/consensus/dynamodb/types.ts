import type { Table } from '../../../base/table.ts';
import type { NodeId, Stored, Value } from '../../../sim/operation.ts';
import type { Shape } from '../../../sim/protocol.ts';
import type { TurnOf } from '../../turn.ts';

export interface DynamoDbShape extends Shape {
  readonly knobs: DynamoDbKnobs;
  readonly state: DynamoDbState;
  readonly durable: Durable;
  readonly message: Message;
  readonly timer: Timer;
  readonly request: Request;
  readonly reply: Reply;
}

export type Turn = TurnOf<DynamoDbShape> & {
  /** What this node tells itself, and what has come onto a majority: both are taken up within the step. */
  readonly inbox: Message[];
  readonly committed: Committed[];
};

export type Committed = { readonly group: Group; readonly pending: Pending };

export type DynamoDbKnobs = {
  readonly mode: 'region' | 'global-eventual' | 'global-strong';
  readonly regions: number;
  readonly partitions: number;
  /** How often a leader renews its lease, and for how many of these it lasts. */
  readonly heartbeatMs: number;
  readonly leaseHeartbeats: number;
};

export type DynamoDbState = {
  readonly self: NodeId;
  readonly nodes: readonly NodeId[];
  readonly knobs: DynamoDbKnobs;
  readonly durable: Durable;
  /** Of each replication group that this node is in: what it does there. */
  readonly groups: Table<Group>;
  /** Requests that this node routes, by number. */
  readonly routed: Table<Routed>;
  /** The leader of each group as far as this node's router knows. */
  readonly leaders: Table<NodeId>;
  numbers: number;
};

export type Durable = { readonly groups: Table<DurableGroup> };

/** What a storage node keeps of a partition. */
export type DurableGroup = {
  /** The highest ballot it has promised. A ballot names its leader: see `leaderOf`. */
  ballot: number;
  readonly items: Table<Kept>;
};

/** The latest that was accepted, and the latest known to be on a majority: what eventually consistent reads see. */
export type Kept = { readonly accepted: Item; readonly committed: Item | null };

export type Item = {
  readonly value: Stored;
  readonly deleted: boolean;
  /** The leader's clock in milliseconds, and its Region: between Regions the later one wins. */
  readonly at: number;
  readonly region: number;
  /** The ballot and number under which it was proposed: within a group the higher one is the later. */
  readonly ballot: number;
  readonly sequence: number;
};

export type Group = {
  readonly id: string;
  readonly members: readonly NodeId[];
  role: 'follower' | 'asking' | 'candidate' | 'leader';
  /** Ticks since a leader was heard; and after how many this replica asks to lead. */
  silent: number;
  patience: number;
  /** Who has agreed to what this replica asks for. */
  agreed: readonly NodeId[];
  /** Of a leader: its ticks, the last that a majority has confirmed, and the clock when that tick was sent. */
  tick: number;
  confirmed: number;
  confirmedAt: number;
  rounds: readonly Round[];
  sequence: number;
  /** What it had taken over must be on a majority up to here before it serves. */
  synced: number;
  /** Proposals that are not on a majority yet, in order. */
  pending: readonly Pending[];
  /** What each member has not confirmed: keys with the sequence of the item. */
  readonly missing: Table<Table<number>>;
  /** What other Regions have not confirmed, by Region: keys with the item's clock. */
  readonly unshipped: Table<Table<number>>;
};

export type Round = { readonly tick: number; readonly at: number; readonly acks: readonly NodeId[] };

export type Pending = {
  readonly sequence: number;
  readonly key: string;
  readonly item: Item;
  readonly acks: readonly NodeId[];
  readonly asker: Asker | null;
};

/** Who waits for a proposal: a router, or the leader of the same partition in another Region. */
export type Asker =
  | { readonly kind: 'router'; readonly node: NodeId; readonly id: number; readonly region: number }
  | { readonly kind: 'region'; readonly node: NodeId; readonly at: number; readonly region: number };

export type Routed = {
  readonly node: NodeId;
  readonly request: number;
  readonly asked: Request;
  readonly group: string;
  /** Who was asked and has not answered. */
  waitingFor: NodeId | null;
  /** Which members are still to be tried in this round, and how many rounds were made. */
  untried: readonly NodeId[];
  rounds: number;
  /** Whether somebody has not answered: then one round is enough. */
  silence: boolean;
};

export type Update =
  | { readonly kind: 'put'; readonly value: Value }
  | { readonly kind: 'delete' }
  | { readonly kind: 'add-number'; readonly by: number }
  | { readonly kind: 'add-item' | 'delete-item'; readonly item: Value };

export type Request =
  | { readonly kind: 'get'; readonly key: string; readonly consistent: boolean }
  /** `condition`: the value that must be there, null for none; absent: no condition. */
  | {
      readonly kind: 'update';
      readonly key: string;
      readonly update: Update;
      readonly condition?: Value;
    };

export type Reply =
  | { readonly kind: 'item'; readonly value: Stored }
  | { readonly kind: 'done'; readonly value: Stored }
  | { readonly kind: 'condition-failed' }
  | { readonly kind: 'write-conflict' }
  | { readonly kind: 'wrong-type' }
  /** Nobody leads the partition here: certainly not done. */
  | { readonly kind: 'unavailable' }
  /** No answer in time: a write may have happened. */
  | { readonly kind: 'internal-error' };

export type Message = { readonly group: string } & (
  | { readonly kind: 'may-i' | 'go-ahead' }
  | { readonly kind: 'prepare'; readonly ballot: number }
  | { readonly kind: 'promise'; readonly ballot: number; readonly items: Table<Item> }
  /** A higher ballot is promised already. */
  | { readonly kind: 'outdated'; readonly ballot: number }
  | {
      readonly kind: 'accept';
      readonly ballot: number;
      readonly through: number;
      readonly items: Table<Item>;
    }
  | { readonly kind: 'accepted'; readonly ballot: number; readonly sequences: Table<number> }
  | {
      readonly kind: 'heartbeat';
      readonly ballot: number;
      readonly tick: number;
      readonly through: number;
    }
  | { readonly kind: 'heartbeat-ok'; readonly ballot: number; readonly tick: number }
  | { readonly kind: 'ask'; readonly id: number; readonly region: number; readonly request: Request }
  | { readonly kind: 'answer'; readonly id: number; readonly reply: Reply }
  | { readonly kind: 'not-leader'; readonly id: number; readonly leader: NodeId | null }
  | { readonly kind: 'replicate'; readonly key: string; readonly item: Item }
  | { readonly kind: 'replicated'; readonly key: string; readonly at: number; readonly region: number }
);

export type Timer = 'tick' | `route-${number}`;
