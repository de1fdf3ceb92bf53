import type { Driver } from '../sim/driver.ts';
import { systemFor, type System } from '../systems/system.ts';
import { withApplication } from './application.ts';
import { isNative } from './definition.ts';
import { programs } from './programs.ts';
import type { Workload } from './workload.ts';

/** The driver people use in a class: the system's own, or with an application on top where no store does as much. */
export function driverFor(system: System, workload: Workload): Driver {
  return isNative(system, workload) ? system.driver : applicationOn(system);
}

/** A system's driver with the application of every workload on top. */
export function applicationOn(system: System): Driver {
  return withApplication(system.driver, programs, (key) => systemFor(system, key).kinds);
}
