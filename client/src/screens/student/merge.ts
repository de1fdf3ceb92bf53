import { canonical } from '../../../../shared/base/json.ts';
import type { OperationRecord, OperationRequest, Value } from '../../../../shared/sim/operation.ts';

type Perform = (request: OperationRequest) => Promise<OperationRecord | null>;

/**
 * Writes one value where there are several. It reads first: a write replaces only what its writer has seen,
 * and what the student saw on the screen may be old. True when everything came back ok.
 */
export async function mergeValue(perform: Perform, key: string, value: Value): Promise<boolean> {
  const read = await perform({ kind: 'read', key });
  if (!isOk(read)) return false;
  if (!isOk(await perform({ kind: 'write', key, value }))) return false;
  return deleteLosers(perform, read);
}

/**
 * Leaves `kept` of all items in a set. An add joins all versions of the set, so one of an item that is there
 * already merges them; where there are losers it does not, and they have to be emptied into the winner. What is
 * not wanted is removed after that.
 */
export async function mergeItems(
  perform: Perform,
  key: string,
  all: readonly Value[],
  kept: readonly Value[],
): Promise<boolean> {
  const anchor = kept[0] ?? all[0];
  if (anchor === undefined) return false;
  const read = await perform({ kind: 'read', key });
  if (!isOk(read)) return false;
  for (const item of losersOf(read).length > 0 ? [anchor, ...kept.slice(1)] : [anchor]) {
    if (!isOk(await perform({ kind: 'add', key, value: item }))) return false;
  }
  for (const item of all) {
    if (kept.includes(item)) continue;
    if (!isOk(await perform({ kind: 'remove', key, value: item }))) return false;
  }
  return deleteLosers(perform, read);
}

/** The items of all versions, each once, in one order on every screen. */
export function unionOf(values: readonly (Value | readonly Value[])[]): Value[] {
  const items = values.flatMap((value): readonly Value[] => (isItems(value) ? value : [value]));
  const byText = new Map(items.map((item) => [canonical(item), item]));
  return [...byText.keys()].sort().flatMap((text) => byText.get(text) ?? []);
}

/** CouchDB leaves a conflict until somebody deletes the revisions that lost: a write goes over the winner alone. */
async function deleteLosers(perform: Perform, read: OperationRecord): Promise<boolean> {
  for (const rev of losersOf(read)) {
    if (!isOk(await perform({ kind: 'delete', key: read.key, options: { rev } }))) return false;
  }
  return true;
}

function losersOf({ result }: OperationRecord): readonly string[] {
  return result?.conflicts ?? [];
}

function isItems(value: Value | readonly Value[]): value is readonly Value[] {
  return Array.isArray(value);
}

function isOk(record: OperationRecord | null): record is OperationRecord {
  return record?.class === 'ok';
}
