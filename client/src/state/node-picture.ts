import { lookUp } from '../../../shared/base/table.ts';
import type { Mirror } from '../../../shared/sim/mirror.ts';
import type { NodeId, OperationRecord } from '../../../shared/sim/operation.ts';
import type { ReplicaView } from '../../../shared/sim/protocol.ts';
import type { System } from '../../../shared/systems/system.ts';
import type { Workload } from '../../../shared/workloads/workload.ts';
import type { Parts } from './parts.ts';
import type { TrafficRow } from './traffic.ts';

export type Peer = { readonly id: NodeId; readonly heardAt: number | null };

/** What a student is shown of the node: a picture of one moment, made anew after every frame. */
export type NodePicture = {
  readonly id: NodeId;
  readonly system: System;
  readonly workload: Workload;
  readonly up: boolean;
  readonly paused: boolean;
  readonly view: ReplicaView;
  /** Every other node, and when it was last heard. Whom it cannot reach a node does not know. */
  readonly peers: readonly Peer[];
  /** The latest operations, newest first. */
  readonly operations: readonly OperationRecord[];
  readonly traffic: readonly TrafficRow[];
};

const OPERATIONS_SHOWN = 40;

/** A node as it stands in its mirror. */
export function pictureOf(
  mirror: Mirror,
  { system, workload }: Parts,
  nodes: readonly NodeId[],
  traffic: readonly TrafficRow[],
): NodePicture {
  const { id, up, paused } = mirror.node;
  return {
    id,
    system,
    workload,
    up,
    paused,
    view: mirror.view,
    peers: nodes
      .filter((node) => node !== id)
      .map((node) => ({ id: node, heardAt: lookUp(mirror.heard, node) ?? null })),
    operations: mirror.operations
      .slice(-OPERATIONS_SHOWN)
      .reverse()
      .map((record) => ({ ...record })),
    traffic,
  };
}
