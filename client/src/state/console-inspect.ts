import { keysOf, lookUp } from '../../../shared/base/table.ts';
import type { Fold } from '../../../shared/recording/fold.ts';
import type { NodeId, OperationRecord } from '../../../shared/sim/operation.ts';
import type { DataView } from '../../../shared/sim/protocol.ts';

/** One node as it truly is: what only the console may show. */
export type Inspection = {
  readonly node: NodeId;
  readonly machine: 'up' | 'down' | 'paused';
  readonly role: string;
  readonly term: number | null;
  readonly leader: NodeId | null;
  readonly clockOffset: number;
  readonly facts: readonly (readonly [label: string, text: string])[];
  readonly data: readonly (DataView & { readonly key: string })[];
  /** Nodes with which it can exchange messages, both ways. */
  readonly reach: readonly NodeId[];
  /** Its latest operations, newest first. */
  readonly operations: readonly OperationRecord[];
};

const OPERATIONS_MAX = 5;

export function inspect(fold: Fold, node: NodeId): Inspection {
  const { world } = fold;
  const { up, paused, clockOffset } = world.node(node);
  const { role, term, leader, facts, data } = world.view(node);
  return {
    node,
    machine: !up ? 'down' : paused ? 'paused' : 'up',
    role,
    term,
    leader,
    clockOffset,
    facts,
    data: keysOf(data).flatMap((key) => {
      const held = lookUp(data, key);
      return held === undefined ? [] : [{ key, ...held }];
    }),
    reach: fold.header.nodes.filter(
      (other) =>
        other !== node && world.node(other).up && !world.isCut(node, other) && !world.isCut(other, node),
    ),
    operations: latestAt(fold, node),
  };
}

function latestAt(fold: Fold, node: NodeId): OperationRecord[] {
  const found: OperationRecord[] = [];
  const { operations } = fold.world;
  for (let i = operations.length - 1; i >= 0 && found.length < OPERATIONS_MAX; i--) {
    const operation = operations[i];
    if (operation?.node === node) found.push({ ...operation });
  }
  return found;
}
