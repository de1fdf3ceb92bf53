import { OPERATION_FIELDS, type OperationRequest } from '../sim/operation.ts';
import { refuseOptions } from '../systems/options.ts';
import { systemFor, type System } from '../systems/system.ts';
import { kindsOf, offerOf, type Workload } from './workload.ts';

/** Why a class cannot ask this of its cluster, naming the field; null when it can. */
export function refuseRequest(whole: System, workload: Workload, request: OperationRequest): string | null {
  const { kind, key } = request;
  const system = systemFor(whole, key);
  if (!system.kinds.includes(kind) && offerOf(workload, kind) === undefined) {
    const kinds = [...new Set([...kindsOf(workload), ...system.kinds])];
    return `kind: ${system.id} with ${workload.id} has no ${kind}; there is ${kinds.join(', ')}`;
  }
  const { must, may } = OPERATION_FIELDS[kind];
  for (const field of ['value', 'expected', 'to'] as const) {
    const isGiven = request[field] !== undefined;
    if (must.includes(field) && !isGiven) return `${field}: is missing`;
    if (isGiven && !must.includes(field) && !may.includes(field))
      return `${field}: there is no such field of a ${kind}`;
  }
  return refuseOptions(system, request);
}
