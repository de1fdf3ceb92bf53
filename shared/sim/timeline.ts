import type { ClusterCommand } from './command.ts';
import type { Body, NodeInput } from './node.ts';
import type { NodeId, Operation, Outcome } from './operation.ts';
import type { Mark } from './protocol.ts';

/** Why a message did not arrive. `overflow`: a paused node's inbox was full. */
export type LossCause = 'cut' | 'loss' | 'down' | 'overflow';
export const LOSS_CAUSES: readonly LossCause[] = ['cut', 'loss', 'down', 'overflow'];

/** A message on its way: who sent it when, its number among the sender's messages, and when it arrives. */
export type Flight = {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly number: number;
  readonly sentAt: number;
  readonly at: number;
  readonly body: Body;
};

/** What a fold can be watched by: everything that happens, in order, each with its virtual time. */
export type TimelineEvent =
  | { readonly kind: 'command'; readonly at: number; readonly command: ClusterCommand }
  | { readonly kind: 'sent'; readonly at: number; readonly flight: Flight }
  | { readonly kind: 'delivered'; readonly at: number; readonly flight: Flight }
  | { readonly kind: 'lost'; readonly at: number; readonly flight: Flight; readonly cause: LossCause }
  | { readonly kind: 'mark'; readonly at: number; readonly node: NodeId; readonly mark: Mark }
  | { readonly kind: 'invoked'; readonly at: number; readonly node: NodeId; readonly operation: Operation }
  | {
      readonly kind: 'finished';
      readonly at: number;
      readonly node: NodeId;
      readonly id: string;
      readonly outcome: Outcome;
    };

/** One input of one node with its time and draw: a line of the stream that a seat is sent. */
export type SeatInput = { readonly at: number; readonly random: number; readonly input: NodeInput };
