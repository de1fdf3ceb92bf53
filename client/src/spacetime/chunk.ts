import type { ClusterCommand } from '../../../shared/sim/command.ts';
import type { Body } from '../../../shared/sim/node.ts';
import type { Mark } from '../../../shared/sim/protocol.ts';
import type { LossCause } from '../../../shared/sim/timeline.ts';
import type { MessageLook } from '../cluster/message-look.ts';

/** The timeline is kept in pieces of this length. Virtual milliseconds. */
export const CHUNK_MS = 1000;

/**
 * A place among all events of a run, later ones larger: virtual time × this, and within one millisecond the
 * order in which things happened.
 */
export const PLACES_PER_MS = 2 ** 20;

/** One copy of a message: from whom it went when, and what became of it. Nodes are places in the header's list. */
export type Message = {
  readonly kind: 'message';
  readonly from: number;
  readonly to: number;
  readonly number: number;
  readonly sentAt: number;
  /** When it arrived or was lost; while it is under way, when it is due. Virtual milliseconds. */
  readonly at: number;
  readonly body: Body;
  readonly look: MessageLook;
  /** Where its sending and its end stand among all events; the end is Infinity while it is under way. */
  readonly sentPlace: number;
  endPlace: number;
  fate: 'under way' | 'delivered' | LossCause;
  /** The operation that it was sent for, as far as that can be told; null for what nodes do of themselves. */
  readonly operation: string | null;
};

/** Something at one instant: what a replica says of itself, or what a person did. `node` is null for the whole cluster. */
export type Sign = {
  readonly kind: 'sign';
  readonly node: number | null;
  readonly at: number;
  readonly place: number;
  readonly what: Mark | ClusterCommand;
};

/** Something that lasts. In a chunk it is cut off at the chunk's ends. */
export type Span = { readonly from: number; readonly until: number } & SpanWhat;

export type SpanWhat =
  | { readonly kind: 'fault'; readonly id: number; readonly cuts: boolean; readonly text: string }
  | { readonly kind: 'down' | 'paused'; readonly node: number }
  /** Of each node, the number of the side it is on: nodes of one side reach each other. */
  | { readonly kind: 'sides'; readonly sides: readonly number[] };

/** All that happened after `from` and not after `until`, in the order in which it happened. */
export type Chunk = {
  readonly from: number;
  readonly until: number;
  /** The messages that arrived or were lost here, each in one chunk only, in that order. */
  readonly messages: readonly Message[];
  /** Those under way at the chunk's end. */
  readonly underWay: readonly Message[];
  readonly signs: readonly Sign[];
  readonly spans: readonly Span[];
  /** What it costs to keep. */
  readonly events: number;
};
