import type { Table } from '../../../base/table.ts';
import type { Stored, Value } from '../../../sim/operation.ts';
import type { Call, Cell, HBaseReply, Region, WalEntry } from './types.ts';

type Edit = WalEntry & { readonly kind: 'edit' };
type Change = Exclude<Call, { kind: 'get' }>;

/** What a reader is told. */
export function read(cells: Readonly<Table<Cell>>, key: string, stale: boolean): HBaseReply {
  const cell = Object.hasOwn(cells, key) ? cells[key] : undefined;
  return { kind: 'result', cell: cell ?? null, stale, applied: true };
}

/** The log entry that carries out a change, under the lock of its row. Null: nothing is to be changed. */
export function editOf(region: Region, name: string, call: Change): Edit | 'not a number' | null {
  const nonce = 'nonce' in call ? call.nonce : null;
  if (nonce !== null && Object.hasOwn(region.latest.nonces, nonce)) return null;
  const held = heldIn(region, call.key);
  const value = valueAfter(held, call);
  if (value === undefined) return call.kind === 'increment' ? 'not a number' : null;
  const cell: Cell = { value, sequence: region.sequence + 1 };
  return { kind: 'edit', region: name, key: call.key, cell, nonce };
}

/** The answer to a change that was made before, or whose condition does not hold. */
export function answerOf(region: Region, call: Change): HBaseReply {
  const cell = Object.hasOwn(region.latest.cells, call.key) ? (region.latest.cells[call.key] ?? null) : null;
  return { kind: 'result', cell, stale: false, applied: call.kind !== 'check-and-put' };
}

/** Undefined: the change does not take place. A cart is a row with a column for each item. */
function valueAfter(held: Stored, call: Change): Stored | undefined {
  switch (call.kind) {
    case 'put':
      return call.value;
    case 'delete':
      return null;
    case 'add': {
      const items = itemsOf(held);
      return items.includes(call.item) ? items : [...items, call.item];
    }
    case 'remove':
      return itemsOf(held).filter((item) => item !== call.item);
    case 'check-and-put':
      return held === call.expected ? call.value : undefined;
    case 'increment':
      if (held !== null && typeof held !== 'number') return undefined;
      return (held ?? 0) + call.by;
    case 'append':
      return [...itemsOf(held), call.value];
  }
}

function heldIn(region: Region, key: string): Stored {
  return (Object.hasOwn(region.latest.cells, key) ? region.latest.cells[key]?.value : null) ?? null;
}

function itemsOf(stored: Stored): readonly Value[] {
  if (isList(stored)) return stored;
  return stored === null ? [] : [stored];
}

function isList(stored: Stored): stored is readonly Value[] {
  return Array.isArray(stored);
}
