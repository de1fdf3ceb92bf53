import type { OperationRequest } from '../sim/operation.ts';

/** What a class does with a cluster: which operations people have, and on which keys. */
export interface Workload {
  readonly id: string;
  readonly title: string;
  /** One sentence for the person who chooses. */
  readonly summary: string;
  /** The operations a student is offered, in the order of the buttons. */
  readonly kinds: readonly OperationRequest['kind'][];
  /** Keys that a class starts with; people may name others where `freeKeys`. */
  readonly keys: readonly string[];
  readonly freeKeys: boolean;
  /** Values offered for the quick choice. */
  readonly values: readonly string[];
}
