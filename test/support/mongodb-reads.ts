import type { OplogEntry } from '../../shared/protocols/consensus/mongodb/types.ts';
import type { OperationRecord } from '../../shared/sim/operation.ts';
import { Violation } from './fuzz.ts';

type Version = { readonly index: number; readonly value: string };

/**
 * A linearizable read returns what its key held at some moment after everything that a majority had acknowledged,
 * or another such read had returned, before it was asked. Written values are never used twice.
 */
export function checkLinearizableReads(
  operations: readonly OperationRecord[],
  committed: readonly OplogEntry[],
): void {
  const isRead = ({ options }: OperationRecord) => options?.['readConcern'] === 'linearizable';
  checkFloors('linearizable reads', operations, committed, isRead);
}

/**
 * The same of one client's causally consistent session alone, with majority concerns: it reads its own writes, and
 * never goes back, whichever members answer.
 */
export function checkCausalSessions(
  operations: readonly OperationRecord[],
  committed: readonly OplogEntry[],
): void {
  const isCausal = ({ options }: OperationRecord) => options?.['session'] === 'causal';
  for (const node of new Set(operations.map((operation) => operation.node))) {
    const session = operations.filter((operation) => operation.node === node && isCausal(operation));
    checkFloors(
      'causal sessions',
      session,
      committed,
      ({ options }) => options?.['readConcern'] === 'majority',
    );
  }
}

function checkFloors(
  claim: string,
  operations: readonly OperationRecord[],
  committed: readonly OplogEntry[],
  isChecked: (read: OperationRecord) => boolean,
): void {
  const histories = historiesOf(committed);
  const known: { readonly key: string; readonly returned: number; readonly index: number }[] = [];
  const byReturn = operations
    .filter(({ class: outcome }) => outcome === 'ok')
    .sort((a, b) => (a.returned ?? 0) - (b.returned ?? 0));
  for (const operation of byReturn) {
    const { id, kind, key, value, invoked, returned, options, result } = operation;
    const history = histories.get(key) ?? [];
    const isRead = kind === 'read' && isChecked(operation);
    const isWrite = kind === 'write' && options?.['w'] === 'majority';
    if (!isRead && !isWrite) continue;
    const floor = isRead
      ? Math.max(0, ...known.filter((k) => k.key === key && k.returned < invoked).map(({ index }) => index))
      : 0;
    const seen = JSON.stringify((isRead ? result?.value : value) ?? null);
    const index = firstWith(history, seen, floor);
    if (index === null)
      throw new Violation(claim, `${id} returned ${seen} of ${key}, which was not so any more`);
    known.push({ key, returned: returned ?? 0, index });
  }
}

/** The earliest place, from `floor` on, at which the key held the value. */
function firstWith(history: readonly Version[], value: string, floor: number): number | null {
  const atFloor = history.findLast(({ index }) => index <= floor)?.value ?? 'null';
  if (atFloor === value) return floor;
  return history.find((version) => version.index > floor && version.value === value)?.index ?? null;
}

function historiesOf(committed: readonly OplogEntry[]): Map<string, Version[]> {
  const histories = new Map<string, Version[]>();
  for (const { index, change } of committed) {
    if (change === null) continue;
    const version = { index, value: JSON.stringify(change.after?.value ?? null) };
    histories.set(change.key, [...(histories.get(change.key) ?? []), version]);
  }
  return histories;
}
