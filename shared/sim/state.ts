import { isBefore } from '../base/heap.ts';
import type { NetworkState } from './network.ts';
import type { Body, NodeInput, NodeState, Owner } from './node.ts';
import type { NodeId, OperationRecord } from './operation.ts';
import type { LossCause } from './timeline.ts';

/** What will happen: a message arrives, or a timer goes off. Nodes by index, to keep it small. */
export type QueueItem =
  | {
      readonly kind: 'deliver';
      readonly at: number;
      readonly seq: number;
      readonly from: number;
      readonly to: number;
      readonly number: number;
      readonly sentAt: number;
      readonly body: Body;
    }
  | {
      readonly kind: 'timer';
      readonly at: number;
      readonly seq: number;
      readonly node: number;
      readonly owner: Owner;
      readonly timer: string;
    };

/** A node with what the world keeps for it and the node itself must not see. */
export type Slot = {
  node: NodeState;
  /** Running timers: owner and name to the queue item that counts; others of that name were replaced. */
  readonly timers: Map<string, number>;
  /** What arrived while the node was paused. */
  backlog: NodeInput[];
};

/** A whole world as plain data: a checkpoint. */
export type WorldState = {
  readonly now: number;
  readonly seq: number;
  readonly nodes: readonly { readonly node: NodeState; readonly backlog: readonly NodeInput[] }[];
  readonly network: NetworkState;
  readonly queue: readonly QueueItem[];
  readonly operations: readonly OperationRecord[];
  readonly leaders: readonly { at: number; node: NodeId; term: number | null }[];
  readonly counts: { events: number; sent: number; delivered: number; lost: Record<LossCause, number> };
};

/** The queue in its one order, without timers that were replaced or cancelled. */
export function saveQueue(items: readonly QueueItem[], slots: readonly Slot[]): QueueItem[] {
  return items
    .filter((item) => item.kind === 'deliver' || isRunning(item, slots))
    .sort((a, b) => (isBefore(a, b) ? -1 : 1));
}

function isRunning(item: QueueItem & { kind: 'timer' }, slots: readonly Slot[]): boolean {
  return slots[item.node]?.timers.get(`${item.owner} ${item.timer}`) === item.seq;
}
