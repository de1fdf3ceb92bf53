import type { Table } from '../../../base/table.ts';
import type { Cells } from '../../../data/cells.ts';
import type { Consistency } from './consistency.ts';
import type { StatusEntry } from './membership.ts';
import type { Ballot, PaxosState, Proposal } from './types.ts';

/** Heartbeats of some nodes, each with its place in the list of nodes. */
export type News = readonly (readonly [index: number, heartbeat: number])[];
/** What is known of nodes that have come or gone. */
export type Statuses = Readonly<Table<StatusEntry>>;
export type Entries = readonly (readonly [key: string, cells: Cells])[];

export type Message = GossipMessage | DataMessage | PaxosMessage | RepairMessage | MovementMessage;

/** Three messages a round (gms/Gossiper.java): what I know; what you lack and I want; what you want. */
export type GossipMessage =
  | { readonly kind: 'syn'; readonly heartbeats: readonly number[]; readonly statuses?: Statuses }
  | {
      readonly kind: 'ack';
      readonly news: News;
      readonly wanted: readonly number[];
      readonly statuses?: Statuses;
    }
  | { readonly kind: 'ack2'; readonly news: News; readonly statuses?: Statuses }
  /** Whether a node that seems to be back can be reached from here. */
  | { readonly kind: 'echo' }
  | { readonly kind: 'echo-ok' };

export type DataMessage =
  | { readonly kind: 'mutate'; readonly id: string; readonly key: string; readonly cells: Cells }
  | { readonly kind: 'mutated'; readonly id: string }
  /** Lead this increment: add it to your shard and have the shard replicated. */
  | {
      readonly kind: 'increment';
      readonly id: string;
      readonly key: string;
      readonly by: number;
      readonly consistency: Consistency;
    }
  | { readonly kind: 'incremented'; readonly id: string }
  | { readonly kind: 'read'; readonly id: string; readonly key: string; readonly digest: boolean }
  | { readonly kind: 'data'; readonly id: string; readonly key: string; readonly cells: Cells }
  | { readonly kind: 'digest'; readonly id: string; readonly key: string; readonly digest: number }
  | {
      readonly kind: 'hints';
      readonly entries: readonly (readonly [key: string, hint: number, cells: Cells])[];
    }
  | { readonly kind: 'hints-ok'; readonly taken: readonly (readonly [key: string, hint: number])[] };

export type PaxosMessage =
  | { readonly kind: 'prepare'; readonly id: string; readonly key: string; readonly ballot: Ballot }
  /** `promised`: the highest ballot promised, this one if the answer is yes. */
  | { readonly kind: 'promise'; readonly id: string; readonly key: string; readonly paxos: PaxosState }
  | { readonly kind: 'propose'; readonly id: string; readonly key: string; readonly proposal: Proposal }
  | {
      readonly kind: 'proposed';
      readonly id: string;
      readonly key: string;
      readonly ballot: Ballot;
      readonly accepted: boolean;
    }
  /** `id` null: nobody waits for an answer. */
  | {
      readonly kind: 'commit';
      readonly id: string | null;
      readonly key: string;
      readonly proposal: Proposal;
    };

/** `nodetool repair`: trees, then what differs, then what is true after all. */
export type RepairMessage =
  | { readonly kind: 'validate'; readonly id: string }
  | { readonly kind: 'tree'; readonly id: string; readonly leaves: readonly number[] }
  | { readonly kind: 'fetch'; readonly id: string; readonly buckets: readonly number[] }
  | { readonly kind: 'stream'; readonly id: string; readonly entries: Entries }
  | { readonly kind: 'push'; readonly id: string; readonly entries: Entries }
  | { readonly kind: 'pushed'; readonly id: string };

/** Rows on their way because a node joins, leaves or is removed. */
export type MovementMessage =
  /** From a new owner: what it is to have of what you have. */
  | {
      readonly kind: 'stream-ask';
      readonly id: string;
      readonly before: readonly string[];
      readonly after: readonly string[];
    }
  /** The answer; or, `asked` false, from one that leaves. */
  | {
      readonly kind: 'stream-rows';
      readonly id: string;
      readonly asked: boolean;
      readonly entries: Entries;
      readonly paxos: Readonly<Table<PaxosState>>;
    }
  | { readonly kind: 'stream-taken'; readonly id: string }
  /** To the node that removes a dead one: its rows have arrived here. */
  | { readonly kind: 'restored'; readonly node: string };
