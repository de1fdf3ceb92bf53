import type { Table } from '../base/table.ts';
import type { NodeDefinition } from './node.ts';
import type { NodeId } from './operation.ts';

/** Everything that decides a run before anybody acts: the same setup and commands give the same run. */
export interface Setup extends NodeDefinition {
  readonly groups: Table<NodeId[]>;
  /** The quality of links that nobody has touched, milliseconds. */
  readonly network: { readonly delay: number; readonly jitter: number };
  /** A uint32. */
  readonly seed: number;
}
