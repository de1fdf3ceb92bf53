import type { NodeId } from './operation.ts';

/** Every node of a run, and those that run and do not belong to the cluster at the beginning; none unless given. */
type Nodes = { readonly nodes: readonly NodeId[]; readonly spares?: readonly NodeId[] | undefined };

/** The nodes that belong to the cluster at the beginning. */
export function membersOf({ nodes, spares = [] }: Nodes): readonly NodeId[] {
  return spares.length === 0 ? nodes : nodes.filter((node) => !spares.includes(node));
}
