import { keysOf, lookUp, type Table } from '../../../shared/base/table.ts';
import type { KeyService } from '../../../shared/systems/system.ts';

/** Keys with which a side can do the same. */
export type ServedKeys = { readonly service: KeyService; readonly keys: readonly string[] };

const ORDER: readonly KeyService[] = ['read-write', 'read', 'write', 'none'];

/** A side's keys by what it can do with them, best first. Empty where availability is not by key. */
export function servedKeys(keys: Readonly<Table<KeyService>>): ServedKeys[] {
  return ORDER.map((service) => ({
    service,
    keys: keysOf(keys).filter((key) => lookUp(keys, key) === service),
  })).filter((served) => served.keys.length > 0);
}
