import type { HistoryLine } from '../../../shared/checker/history.ts';
import { createChance } from '../runs.ts';

/** A history of one register whose written values are unique, with or without compare-and-sets; reads are of anything. */
export function uniqueRegister(seed: number, most: number, hasCas: boolean): HistoryLine[] {
  const chance = createChance(seed);
  const count = 2 + chance(most - 1);
  const span = 4 + chance(4 * count);
  const writers = Array.from({ length: count }, () => chance(2) === 0);
  const values = [null, ...writers.flatMap((isWriter, index) => (isWriter ? [index + 1] : []))];
  // Now and then a value that nobody wrote.
  const pick = () => (chance(40) === 0 ? 0 : (values[chance(values.length)] ?? null));
  return writers.flatMap((isWriter, index): HistoryLine[] => {
    const call = chance(span);
    const isUnknown = chance(6) === 0;
    const base = { client: chance(5), key: 'x', call, ret: isUnknown ? null : call + chance(9) };
    const status = isUnknown ? 'info' : 'ok';
    if (!isWriter) return isUnknown ? [] : [{ ...base, op: 'read', value: null, out: pick(), status }];
    const value = index + 1;
    if (!hasCas || chance(2) === 0) return [{ ...base, op: 'write', value, out: null, status }];
    return [{ ...base, op: 'cas', value: [pick(), value], out: isUnknown ? null : true, status }];
  });
}
