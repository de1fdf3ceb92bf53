import { canonical } from '../../../../shared/base/json.ts';
import type { OperationRecord, OperationRequest, Value } from '../../../../shared/sim/operation.ts';

type Perform = (request: OperationRequest) => Promise<OperationRecord | null>;

/**
 * Writes one value where there are several. It reads first: a write replaces only what its writer has seen,
 * and what the student saw on the screen may be old. True when everything came back ok.
 */
export async function mergeValue(perform: Perform, key: string, value: Value): Promise<boolean> {
  if (!isOk(await perform({ kind: 'read', key }))) return false;
  return isOk(await perform({ kind: 'write', key, value }));
}

/**
 * Leaves `kept` of all items in a set. An add joins all versions of the set, so one of an item that is there
 * already merges them; what is not wanted is removed after that.
 */
export async function mergeItems(
  perform: Perform,
  key: string,
  all: readonly Value[],
  kept: readonly Value[],
): Promise<boolean> {
  const anchor = kept[0] ?? all[0];
  if (anchor === undefined) return false;
  if (!isOk(await perform({ kind: 'read', key }))) return false;
  if (!isOk(await perform({ kind: 'add', key, value: anchor }))) return false;
  for (const item of all) {
    if (kept.includes(item)) continue;
    if (!isOk(await perform({ kind: 'remove', key, value: item }))) return false;
  }
  return true;
}

/** The items of all versions, each once, in one order on every screen. */
export function unionOf(values: readonly (Value | readonly Value[])[]): Value[] {
  const items = values.flatMap((value): readonly Value[] => (isItems(value) ? value : [value]));
  const byText = new Map(items.map((item) => [canonical(item), item]));
  return [...byText.keys()].sort().flatMap((text) => byText.get(text) ?? []);
}

function isItems(value: Value | readonly Value[]): value is readonly Value[] {
  return Array.isArray(value);
}

function isOk(record: OperationRecord | null): boolean {
  return record?.class === 'ok';
}
