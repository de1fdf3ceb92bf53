import { keysOf, lookUp } from '../../../base/table.ts';
import type { Cells } from '../../../data/cells.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { digestOf } from './storage.ts';
import { mark, send, type Turn } from './turn.ts';
import type { ReadWork } from './work.ts';

/**
 * Blocking read repair (service/reads/repair/BlockingReadRepair.java): before the reader is told of a value that
 * some of the contacted replicas lack, they get it. So a later read at a quorum never sees an older one. Replicas
 * that were not asked learn nothing, and at level ONE nobody is compared with anybody.
 */
export function startReadRepair(turn: Turn, work: ReadWork, result: Cells): void {
  const { key, rows } = work;
  const stale = keysOf(rows).filter((node) => digestOf(lookUp(rows, node) ?? {}) !== digestOf(result));
  if (stale.length === 0) return;
  work.stage = 'repair';
  work.result = result;
  work.repairing = stale;
  for (const node of stale) {
    mark(turn, 'repair', `${turn.state.self} repairs ${key} at ${node}`);
    send(turn, node, { kind: 'mutate', id: work.id, key, cells: result });
  }
}

/** A replica has taken the repair. True when all have. */
export function onRepaired(from: NodeId, work: ReadWork): boolean {
  if (work.stage !== 'repair') return false;
  work.repairing = work.repairing.filter((node) => node !== from);
  return work.repairing.length === 0;
}
