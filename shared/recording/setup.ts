import { keysOf } from '../base/table.ts';
import type { Driver } from '../sim/driver.ts';
import type { Setup } from '../sim/setup.ts';
import { findSystem } from '../systems/index.ts';
import { KnobError, resolveKnobs, type System } from '../systems/system.ts';
import { findWorkload } from '../workloads/index.ts';
import { withApplication } from '../workloads/application.ts';
import { programs } from '../workloads/programs.ts';
import { kindsOf, type Workload } from '../workloads/workload.ts';
import type { Header } from './header.ts';

/** A header that names something that does not exist; the message names field and value. */
export class HeaderError extends Error {
  override readonly name = 'HeaderError';
}

/** The system a header names. Throws HeaderError. */
export function systemOf(header: Header): System {
  const system = findSystem(header.system);
  if (system === undefined) throw new HeaderError(`system: there is no system ${header.system}`);
  return system;
}

/** The workload a header names. Throws HeaderError. */
export function workloadOf(header: Header): Workload {
  const workload = findWorkload(header.workload);
  if (workload === undefined) throw new HeaderError(`workload: there is no workload ${header.workload}`);
  return workload;
}

/** The setup of the world a header describes. Throws HeaderError. */
export function setupOf(header: Header): Setup {
  const system = systemOf(header);
  const workload = workloadOf(header);
  const known = new Set(header.nodes);
  for (const [name, members] of groupsOf(header)) {
    const stranger = members.find((node) => !known.has(node));
    if (stranger !== undefined) throw new HeaderError(`groups.${name}: there is no node ${stranger}`);
  }
  try {
    return {
      protocol: system.protocol,
      driver: driverOf(system, workload),
      knobs: resolveKnobs(system, header.knobs, header.nodes.length),
      nodes: header.nodes,
      groups: header.groups,
      network: header.network,
      seed: header.seed,
    };
  } catch (error) {
    if (error instanceof KnobError) throw new HeaderError(error.message);
    throw error;
  }
}

/** The system's driver, with the workload's application on top where people do what no store does by itself. */
function driverOf(system: System, workload: Workload): Driver {
  const isNative = kindsOf(workload).every((kind) => system.kinds.includes(kind));
  return isNative ? system.driver : withApplication(system.driver, programs, system.kinds);
}

function groupsOf(header: Header): [string, string[]][] {
  return keysOf(header.groups).map((name) => [name, header.groups[name] ?? []]);
}
