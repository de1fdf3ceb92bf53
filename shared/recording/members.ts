import type { NodeId } from '../sim/operation.ts';
import type { Header } from './header.ts';

/** The nodes that belong to the cluster at the beginning. */
export function membersOf({ nodes, spares = [] }: Pick<Header, 'nodes' | 'spares'>): readonly NodeId[] {
  return nodes.filter((node) => !spares.includes(node));
}
