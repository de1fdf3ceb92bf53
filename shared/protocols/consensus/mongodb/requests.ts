import type { NodeId, Stored, Value } from '../../../sim/operation.ts';
import type { OpTime, Written } from './types.ts';

/** How many members must have a write before it is acknowledged. */
export type WriteConcern = {
  /** Absent: the default of the set. */
  readonly w: number | 'majority' | null;
  /** Milliseconds; 0 for no limit. */
  readonly wtimeout: number;
};

export type FindRequest = Extract<Request, { kind: 'find' }>;

export type ReadConcern = 'local' | 'available' | 'majority' | 'linearizable';

/** What a write does to the document whose `_id` is the key, in the words of MongoDB's update operators. */
export type Update =
  | { readonly operator: '$set'; readonly value: Value }
  | { readonly operator: 'delete' }
  | { readonly operator: '$inc'; readonly value: number }
  | { readonly operator: '$addToSet' | '$pull' | '$push'; readonly value: Value }
  /** findAndModify with the expected value in its filter; with null for "no such document" it inserts. */
  | { readonly operator: 'findAndModify'; readonly expected: Value; readonly value: Value };

/** What an administrator changes: rs.add() with the votes of the new member, or rs.remove(). */
export type MemberChange =
  | { readonly kind: 'add'; readonly node: NodeId; readonly votes: 0 | 1 }
  | { readonly kind: 'remove'; readonly node: NodeId };

/** What a driver asks a member. */
export type Request =
  | { readonly kind: 'reconfig'; readonly change: MemberChange }
  /** `known`: the topology version that the driver has heard of from this member; null asks for an answer at once. */
  | { readonly kind: 'hello'; readonly known: string | null }
  | {
      readonly kind: 'find';
      readonly key: string;
      readonly level: ReadConcern;
      readonly secondaryOk: boolean;
      /** Milliseconds; 0 for no limit. */
      readonly maxTimeMS: number;
      /** Of a causally consistent session that has seen something: the member must be this far. */
      readonly afterClusterTime?: OpTime;
    }
  | {
      readonly kind: 'write';
      readonly key: string;
      readonly update: Update;
      readonly concern: WriteConcern;
      readonly session: string;
      readonly number: number;
    };

/** A member as drivers see it. `other`: neither to be read nor written. */
export type ServerType = 'primary' | 'secondary' | 'arbiter' | 'other';

export type Reply =
  | {
      readonly kind: 'hello';
      readonly version: string;
      readonly type: ServerType;
      readonly primary: NodeId | null;
      /** The term of a primary's election: drivers distrust a primary of an older one. */
      readonly electionId: number;
      /** The members, where they have changed or may. */
      readonly hosts?: readonly NodeId[];
    }
  /** A majority has the new configuration. */
  | { readonly kind: 'reconfigured'; readonly members: readonly NodeId[] }
  /** `operationTime`, here and below: how far this member was. A causally consistent session remembers it. */
  | { readonly kind: 'found'; readonly value: Stored; readonly operationTime: OpTime }
  /** `concern`: why the write concern was not met. The write stays all the same. */
  | {
      readonly kind: 'written';
      readonly result: Written;
      readonly concern: ServerError | null;
      readonly operationTime: OpTime;
    }
  | { readonly kind: 'error'; readonly error: ServerError };

/** MaxTimeMSExpired. */
export const TIME_LIMIT: ServerError = {
  code: 50,
  message: 'operation exceeded time limit',
  retryable: false,
};

export type ServerError = {
  readonly code: number;
  readonly message: string;
  /** Whether the same may succeed with another primary: drivers try those once more. */
  readonly retryable: boolean;
  /** Whether what was asked may have been done, or may yet be. */
  readonly doubtful?: true;
};
