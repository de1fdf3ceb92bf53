import type { Json } from '../base/json.ts';
import { lookUp, type Table } from '../base/table.ts';
import { byKey, isCertain, textOf, type History, type Operation } from './history.ts';
import { valueShown } from './models/register.ts';
import { isWrite } from './sources.ts';

/**
 * Writes that were acknowledged and that no replica has kept, though nothing that could have replaced them is there
 * either: all that is held under the key was written by somebody who had returned before the lost write was called.
 * `held`: the values that replicas hold under each key when the run is over, each once. Of a set it is the items that
 * were added, never removed, and are in no replica's set; of a list that nobody replaced, those that are in no
 * replica's list as often as they were appended. Other models say nothing.
 */
export function lostWrites(history: History, held: Readonly<Table<readonly Json[]>>): Operation[] {
  return [...byKey(history.operations).values()].flatMap((part) => {
    const key = part[0]?.line.key;
    const values = lookUp(held, String(key)) ?? [];
    if (history.model === 'set') return lostItems(part, values);
    if (history.model === 'append' || part.some(({ kind }) => kind === 'append'))
      return lostAppends(part, values);
    if (history.model !== 'kv' && history.model !== 'register') return [];
    return lostValues(part, values.length === 0 ? [null] : values);
  });
}

function lostValues(part: readonly Operation[], held: readonly Json[]): Operation[] {
  const writes = part.filter(isWrite);
  const texts = new Set(held.map(textOf));
  const writers = writes.filter((write) => texts.has(textOf(valueShown(write))));
  return writes.filter((write) => {
    if (!isCertain(write) || texts.has(textOf(valueShown(write)))) return false;
    return writers.every(({ ret }) => ret < write.call);
  });
}

function lostItems(part: readonly Operation[], held: readonly Json[]): Operation[] {
  const kept = new Set(held.flatMap((value) => (Array.isArray(value) ? value.map(textOf) : [textOf(value)])));
  const removed = new Set(part.flatMap(({ kind, value }) => (kind === 'remove' ? [textOf(value)] : [])));
  return part.filter((operation) => {
    const item = textOf(operation.value);
    return operation.kind === 'add' && isCertain(operation) && !kept.has(item) && !removed.has(item);
  });
}

function lostAppends(part: readonly Operation[], held: readonly Json[]): Operation[] {
  if (part.some(isWrite)) return [];
  const kept = new Map<string, number>();
  for (const list of held) {
    const counts = new Map<string, number>();
    const items = (Array.isArray(list) ? list : [list]) as readonly Json[];
    for (const item of items.map(textOf)) counts.set(item, (counts.get(item) ?? 0) + 1);
    for (const [item, count] of counts) kept.set(item, Math.max(count, kept.get(item) ?? 0));
  }
  return part.filter((append) => {
    if (append.kind !== 'append' || !isCertain(append)) return false;
    const item = textOf(append.value);
    const left = kept.get(item) ?? 0;
    kept.set(item, left - 1);
    return left <= 0;
  });
}
