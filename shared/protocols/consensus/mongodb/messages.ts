import type { Table } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import type { ConfigPlace, ReplicaSet } from './config.ts';
import type { OplogEntry, OpTime, Role } from './types.ts';

/** What members tell each other. All carry their sender's term, and a higher one ends any primary's time. */
export type Message = { readonly term: number } &
  /** `config`, here and below: the place of the sender's configuration; absent while it is the first one. */
  (
    | { readonly kind: 'heartbeat'; readonly primary: NodeId | null; readonly config?: ConfigPlace }
    | {
        readonly kind: 'heartbeat-reply';
        readonly role: Role;
        readonly last: OpTime;
        readonly commit: OpTime;
        readonly config?: ConfigPlace;
        /** The configuration itself, for a member that asked with an older one. */
        readonly set?: ReplicaSet;
      }
    | {
        readonly kind: 'request-votes';
        readonly dryRun: boolean;
        readonly last: OpTime;
        readonly config?: ConfigPlace;
      }
    /** `campaign`: the term that was asked for. `refusal` is null where the vote is granted. */
    | {
        readonly kind: 'vote';
        readonly dryRun: boolean;
        readonly campaign: number;
        readonly refusal: string | null;
      }
    | FetchMessage
    | BatchMessage
    /** The source cannot serve: its oplog is behind, or it is not readable. */
    | { readonly kind: 'no-source'; readonly why: 'behind' | 'not readable' }
    /** The oplogs part after `common`. */
    | { readonly kind: 'diverged'; readonly common: number }
    /** How far members are known to be: this one, and those that pull through it. */
    | { readonly kind: 'positions'; readonly positions: Table<OpTime> }
  );

/** Asks for what follows `after`. `runs`: index and term wherever the term changes beyond the commit point. */
export type FetchMessage = {
  readonly kind: 'fetch';
  readonly after: OpTime;
  readonly commit: number;
  readonly runs: readonly OpTime[];
};

/** What follows `after`, and what the source knows: `last` and `source` of its own, the primary, the commit point. */
export type BatchMessage = {
  readonly kind: 'batch';
  readonly after: OpTime;
  readonly entries: readonly OplogEntry[];
  readonly commit: number;
  readonly primary: NodeId | null;
  readonly last: OpTime;
  readonly source: NodeId | null;
};
