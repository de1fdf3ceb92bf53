import type { AgendaState } from './agenda.ts';
import type { LedgerState } from './ledger.ts';
import type { NetworkState } from './network.ts';
import type { NodeInput, NodeState } from './node.ts';

/** A node with what the world keeps for it and the node itself must not see. */
export type Slot = {
  node: NodeState;
  readonly index: number;
  /** What arrived while the node was paused. */
  backlog: NodeInput[];
};

/** Nodes, links and all that is under way, as plain data. */
export type ClusterState = {
  readonly now: number;
  readonly nodes: readonly { readonly node: NodeState; readonly backlog: readonly NodeInput[] }[];
  readonly network: NetworkState;
  readonly agenda: AgendaState;
  readonly ledger: LedgerState;
};

/** A whole world as plain data: a checkpoint. */
export type WorldState = ClusterState & { readonly wholeSince: number | null };
