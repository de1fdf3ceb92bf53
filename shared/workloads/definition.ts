import type { Driver } from '../sim/driver.ts';
import type { NodeDefinition } from '../sim/node.ts';
import { systemFor, type Knobs, type System } from '../systems/system.ts';
import type { Workload } from './workload.ts';

/** Whether a system's own driver carries out all that people do here; where not, an application does, on top of it. */
export function isNative(system: System, workload: Workload): boolean {
  return workload.offers.every(({ kind, keys }) =>
    keys.every((key) => systemFor(system, key).kinds.includes(kind)),
  );
}

/** What every node of a class runs: the system's protocol, and its driver or one with an application on top. */
export function definitionOf(
  system: System,
  driver: Driver,
  knobs: Knobs,
  { nodes, spares }: Pick<NodeDefinition, 'nodes' | 'spares'>,
): NodeDefinition {
  return { protocol: system.protocol, driver, knobs, nodes, ...(spares === undefined ? {} : { spares }) };
}
