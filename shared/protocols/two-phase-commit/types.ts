import type { Table } from '../../base/table.ts';
import type { NodeId, Stored } from '../../sim/operation.ts';
import type { Shape } from '../../sim/protocol.ts';
import type { Command, Entry } from '../store.ts';

export interface TwoPhaseShape extends Shape {
  readonly knobs: TwoPhaseKnobs;
  readonly state: TwoPhaseState;
  readonly durable: Durable;
  readonly message: Message;
  readonly timer: Timer;
  readonly request: Request;
  readonly reply: Reply;
}

export type TwoPhaseKnobs = {
  /** Who coordinates a transfer: the node that was asked, or the first one for all. */
  readonly coordinator: 'asked' | 'first';
  /** What happens to whoever finds a key locked. */
  readonly whenLocked: 'wait' | 'fail';
  /** How long one waits for a lock, and a coordinator for votes. Milliseconds. */
  readonly lockTimeout: number;
  readonly voteTimeout: number;
  /** How often what has not been confirmed or answered is said again. Milliseconds. */
  readonly retryAfter: number;
  /** How long a client waits. Milliseconds. */
  readonly answerTimeout: number;
  /** Whether a participant in doubt also asks the other participants. */
  readonly cooperative: boolean;
  /** What a participant decides for itself that has been in doubt for `heuristicAfter` milliseconds. */
  readonly heuristic: 'never' | 'commit' | 'abort';
  readonly heuristicAfter: number;
  /** What is in an account that nobody has written. */
  readonly openingBalance: number;
};

/** Where a coordinator can be made to crash, in the order of the protocol. */
export const CRASH_POINTS = [
  'before-prepare',
  'after-one-vote',
  'before-deciding',
  'after-deciding',
  'after-telling-one',
] as const;
export type CrashPoint = (typeof CRASH_POINTS)[number];

/** Names its coordinator, the life of it in which it began, and its number there: `n1-1-7`. */
export type TransactionId = string;

export type Timer =
  | `vote-${TransactionId}`
  | `tell-${TransactionId}`
  | `doubt-${TransactionId}`
  | `heuristic-${TransactionId}`
  | `lock-${number}`;

/** One account's part of a transfer. */
export type Move = { readonly key: string; readonly by: number };

/** A participant's part of a transaction that it has promised to carry out if told so: PREPARED in its log. */
export type Branch = {
  readonly coordinator: NodeId;
  readonly participants: readonly NodeId[];
  /** What the accounts will hold. They are locked as long as nothing is decided. */
  readonly balances: Readonly<Table<number>>;
  /** What this node has decided for itself, without knowing. Then nothing is locked any more. */
  readonly heuristic: 'commit' | 'abort' | null;
};

export type Durable = {
  readonly data: Table<Entry>;
  readonly prepared: Table<Branch>;
  /**
   * How transactions ended here. Committed ones stay for good: a question about one may be late, and a node that
   * knew nothing of it would take it for one that it has not voted on. Aborted are those that this node has promised
   * another not to vote for, until the coordinator has given them up.
   */
  readonly outcomes: Table<'committed' | 'aborted'>;
  /**
   * What this node as coordinator has decided to commit, and who has not confirmed yet. Of aborts nothing is
   * written: a transaction that is not here was aborted, or is over.
   */
  readonly decided: Table<readonly NodeId[]>;
};

/** A transaction that its coordinator has not decided. */
export type OpenTransaction = {
  /** Who asked, and the number of the request. */
  readonly to: NodeId;
  readonly request: number;
  readonly participants: readonly NodeId[];
  readonly votes: Table<true>;
  readonly crash: CrashPoint | null;
};

/** What needs keys that are not locked. */
export type Work =
  | { readonly kind: 'command'; readonly to: NodeId; readonly request: number; readonly command: Command }
  | {
      readonly kind: 'prepare';
      readonly coordinator: NodeId;
      readonly message: Message & { kind: 'prepare' };
    };

export type TwoPhaseState = {
  readonly self: NodeId;
  readonly nodes: readonly NodeId[];
  readonly knobs: TwoPhaseKnobs;
  readonly incarnation: number;
  readonly durable: Durable;
  readonly open: Table<OpenTransaction>;
  /** How many transactions this node has begun in this life. */
  transactions: number;
  /** What waits for locks, in the order in which it came. */
  waiting: readonly { readonly id: number; readonly work: Work }[];
  waits: number;
};

/** `unknown`: not decided yet, as far as the asked one knows. `not-voted`: it has not voted, and now never will. */
export type Knowledge = 'committed' | 'aborted' | 'unknown' | 'not-voted';

export type Message =
  | {
      readonly kind: 'prepare';
      readonly transaction: TransactionId;
      readonly participants: readonly NodeId[];
      readonly moves: readonly Move[];
    }
  | { readonly kind: 'vote-no'; readonly transaction: TransactionId; readonly reason: string }
  | {
      readonly kind: 'vote-yes' | 'commit' | 'abort' | 'ack';
      readonly transaction: TransactionId;
    }
  | {
      readonly kind: 'decision-request';
      readonly transaction: TransactionId;
      readonly coordinator: NodeId;
    }
  | {
      readonly kind: 'decision-response';
      readonly transaction: TransactionId;
      readonly knowledge: Knowledge;
    };

export type Request =
  | { readonly kind: 'command'; readonly command: Command }
  | {
      readonly kind: 'transfer';
      readonly from: string;
      readonly to: string;
      readonly amount: number;
      readonly crash: CrashPoint | null;
    };

export type Reply =
  | { readonly kind: 'done'; readonly value: Stored; readonly applied: boolean }
  /** Certainly nothing was done. */
  | { readonly kind: 'error'; readonly error: string };
