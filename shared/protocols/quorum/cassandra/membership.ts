import type { NodeId } from '../../../sim/operation.ts';

/**
 * Where a node is in its life (the STATUS that gossip tells): spare machines are out. Who is JOINING or LEAVING is so
 * for as long as rows are on their way; who is REMOVING is dead, and others see to its rows.
 */
export type Status = 'NORMAL' | 'JOINING' | 'LEAVING' | 'REMOVING' | 'LEFT';

/** The latest status heard of a node. Each node numbers its own, and who removes it goes on counting. */
export type StatusEntry = {
  readonly status: Status;
  readonly version: number;
  /** Who removes it. */
  readonly by?: NodeId;
};

/** An administrator's tool, and the number of what it asks. */
export type Tool = { readonly node: NodeId; readonly id: number };

/** A node that joins or leaves, at that node. */
export type Movement = {
  readonly kind: 'join' | 'leave';
  readonly tool: Tool;
  /** Looks for the others; waits until all know; rows are on their way; has left, and says so for a while. */
  stage: 'contact' | 'announce' | 'stream' | 'farewell';
  /** When the stage ends, or is given up. */
  until: number;
  /** The rows on their way. */
  readonly streams: Streams;
};

/** Rows that go to new owners, or come from old ones, because one ring takes the place of another. */
export type Streams = {
  readonly id: string;
  readonly before: readonly NodeId[];
  readonly after: readonly NodeId[];
  /** Who has not sent them, or taken them, yet. */
  readonly waiting: readonly NodeId[];
};

/** A dead node that is removed, at the node that was asked for it. */
export type Removal = {
  readonly node: NodeId;
  readonly tool: Tool;
  /** How often it had started when that began. */
  readonly generation: number;
  /** Waits whether it starts again; new owners fetch its rows. */
  stage: 'announce' | 'stream';
  /** When the first stage ends. */
  readonly until: number;
  /** New owners that are not done. */
  waiting: readonly NodeId[];
};

/** What this node fetches of the rows of one that is removed, and whom it tells when it is done. */
export type Restoration = {
  readonly by: NodeId;
  /** Of the status that it follows from. */
  readonly version: number;
  readonly until: number;
  streams: Streams;
};

/**
 * The node is to join the ring, or to leave it (`nodetool decommission`), or to remove a dead one (`nodetool
 * removenode`). Asked again until it has ended; `again`: the node has said before that it is about it.
 */
export type ToolRequest = { readonly again: boolean } & (
  { readonly kind: 'join' } | { readonly kind: 'leave' } | { readonly kind: 'remove'; readonly node: NodeId }
);
