import { keysOf, lookUp, type Table } from '../base/table.ts';
import { membersOf } from '../sim/members.ts';
import type { Setup } from '../sim/setup.ts';
import { findSystem } from '../systems/index.ts';
import { withStores, type Store } from '../systems/stores.ts';
import { hasMembership, KnobError, resolveKnobs, type Knobs, type System } from '../systems/system.ts';
import { definitionOf } from '../workloads/definition.ts';
import { driverFor } from '../workloads/driver.ts';
import { findWorkload } from '../workloads/index.ts';
import type { Workload } from '../workloads/workload.ts';
import type { Header } from './header.ts';

/** A header that names something that does not exist; the message names field and value. */
export class HeaderError extends Error {
  override readonly name = 'HeaderError';
}

/** The system a header names, with its further stores. Throws HeaderError. */
export function systemOf(header: Header): System {
  const system = named('system', header.system);
  if (header.stores === undefined) return system;
  const stores: Table<Store> = {};
  for (const name of keysOf(header.stores)) {
    const choice = lookUp(header.stores, name);
    if (choice === undefined) continue;
    const field = `stores.${name}`;
    const inStore = named(`${field}.system`, choice.system);
    stores[name] = { system: inStore, knobs: settings(inStore, choice.knobs, header, `${field}.`) };
  }
  return withStores(system, stores);
}

function named(field: string, id: string): System {
  const system = findSystem(id);
  if (system === undefined) throw new HeaderError(`${field}: there is no system ${id}`);
  return system;
}

function settings(system: System, knobs: unknown, header: Header, place: string): Knobs {
  try {
    return resolveKnobs(system, knobs, membersOf(header).length);
  } catch (error) {
    if (error instanceof KnobError) throw new HeaderError(`${place}${error.message}`);
    throw error;
  }
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
  const spares = refuseSpares(header, system);
  if (spares !== null) throw new HeaderError(`spares: ${spares}`);
  return {
    ...definitionOf(system, driverFor(system, workload), settings(system, header.knobs, header, ''), header),
    groups: header.groups,
    network: header.network,
    seed: header.seed,
  };
}

function refuseSpares(header: Header, system: System): string | null {
  const { nodes, spares = [] } = header;
  const stranger = spares.find((node) => !nodes.includes(node));
  if (stranger !== undefined) return `there is no node ${stranger}`;
  if (spares.length > 0 && !hasMembership(system)) return `${system.id} has no change of members here`;
  return membersOf(header).length > 0 ? null : 'every node is a spare, and somebody must be a member';
}

function groupsOf(header: Header): [string, string[]][] {
  return keysOf(header.groups).map((name) => [name, header.groups[name] ?? []]);
}
