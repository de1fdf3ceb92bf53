import { lookUp, type Table } from '../../base/table.ts';
import type { NodeId, Operation, Outcome } from '../../sim/operation.ts';
import type { Request, Status } from './types.ts';

/** A node that is to join or leave, as the script of an administrator at this node goes about it. */
export type Change = {
  readonly operation: Operation;
  /** When the script gives up, by the clock of this node: later with every step that is done. */
  until: number;
  /** What has not been answered: things to do, or else looks. One for each node at most. */
  errands: readonly Errand[];
  /** Of which node something was asked, by the number of the request. */
  asked: Table<NodeId>;
  /** What was seen at the nodes that have answered; null where CouchDB does not run. */
  seen: Table<Status | null>;
  /** How often the script has looked at the clock since it began to look. */
  waited: number;
  /** Whom the script has put in maintenance mode and not out of it yet. */
  silenced: NodeId | null;
  /** How many things of a kind have been done. */
  readonly done: Table<number>;
};

export type Errand = { readonly to: NodeId; readonly request: Request };

/** `also`: what nobody waits for. */
export type Step =
  | { readonly kind: 'do'; readonly errands: readonly Errand[]; readonly also?: Errand }
  | { readonly kind: 'look'; readonly nodes: readonly NodeId[] }
  | { readonly kind: 'end'; readonly outcome: Outcome };

/** How often the script has done a kind of thing. */
export function timesDone({ done }: Change, kind: Request['kind']): number {
  return lookUp(done, kind) ?? 0;
}
