import type { Table } from '../../../base/table.ts';
import type { NodeId, Operation } from '../../../sim/operation.ts';
import type { ClientState, ClientTimer } from '../../coordination-client.ts';
import type { HBaseReply, HBaseRequest } from './types.ts';

/** HBase's Java client: its types, gathered. */
export type HBaseDriver = {
  readonly knobs: HBaseDriverKnobs;
  readonly state: HBaseDriverState;
  readonly timer: ClientTimer | `call-${string}` | `retry-${string}` | `timeline-${string}`;
  readonly request: HBaseRequest;
  readonly reply: HBaseReply;
};

export type HBaseDriverKnobs = { readonly sessionTimeout: number };

export type HBaseDriverState = {
  readonly self: NodeId;
  readonly nodes: readonly NodeId[];
  readonly client: ClientState;
  /** Which region server serves which region, as far as this client has heard. */
  readonly locations: Table<string>;
  /** Nodes that have answered since they last failed to. */
  readonly reached: Table<boolean>;
  calls: number;
  readonly open: Table<OpenOperation>;
  /** Where some machines are spare: calls name their server, also if it is the first one of its node. */
  readonly names?: true;
};

/** An operation under way. */
export type OpenOperation = {
  readonly operation: Operation;
  readonly region: string;
  attempts: number;
  /** The number of the lookup or call whose answer is awaited; 0 for none. */
  lookup: number;
  call: number;
  server: NodeId | null;
  /** Whether an attempt ended without a word of what became of it. */
  doubtful: boolean;
  /** What an administrator's tool does now: it starts a region server, or has one unloaded and then stops it. */
  errand?: 'start' | 'unload' | 'stop';
};
