import { withApplication } from './application.ts';
import { programs } from './programs.ts';
import type { Workload } from './workload.ts';
import type { NodeDefinition } from '../sim/node.ts';
import { systemFor, type Knobs, type System } from '../systems/system.ts';

/**
 * What every node of a class runs: the system's protocol, and its driver with the workload's application on top where
 * people do what no store does by itself.
 */
export function definitionOf(
  system: System,
  workload: Workload,
  knobs: Knobs,
  { nodes, spares }: Pick<NodeDefinition, 'nodes' | 'spares'>,
): NodeDefinition {
  const isNative = workload.offers.every(({ kind, keys }) =>
    keys.every((key) => systemFor(system, key).kinds.includes(kind)),
  );
  const driver = isNative
    ? system.driver
    : withApplication(system.driver, programs, (key) => systemFor(system, key).kinds);
  return { protocol: system.protocol, driver, knobs, nodes, ...(spares === undefined ? {} : { spares }) };
}
