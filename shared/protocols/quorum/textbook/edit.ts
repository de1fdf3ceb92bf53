import { unreachable } from '../../../base/assert.ts';
import { canonical } from '../../../base/json.ts';
import type { Operation, Stored, Value } from '../../../sim/operation.ts';
import { withItem, withoutItem } from '../cart.ts';

/** What a write does to what is there: the text's stores know values only, so a set or a count is read, changed and written whole. */
export type Edit =
  | { readonly kind: 'set'; readonly value: Value }
  | { readonly kind: 'delete' }
  | { readonly kind: 'add'; readonly item: Value }
  | { readonly kind: 'remove'; readonly item: Value }
  | { readonly kind: 'increment'; readonly by: number };

/** The edit that an operation asks for; null when it only reads. */
export function editOf({ kind, value = null }: Operation): Edit | null {
  switch (kind) {
    case 'write':
      return { kind: 'set', value };
    case 'delete':
      return { kind: 'delete' };
    case 'add':
    case 'remove':
      return { kind, item: value };
    case 'increment':
      return { kind, by: typeof value === 'number' ? value : 1 };
    default:
      return null;
  }
}

/** Whether the outcome depends on what is there. */
export function mustRead(edit: Edit): boolean {
  return edit.kind !== 'set' && edit.kind !== 'delete';
}

/** What is to be written, given the values that are there: none, one, or siblings, of which sets are united and counts the largest taken. */
export function applyEdit(values: readonly Stored[], edit: Edit): Stored {
  switch (edit.kind) {
    case 'set':
      return edit.value;
    case 'delete':
      return null;
    case 'add':
      return withItem(itemsIn(values), edit.item);
    case 'remove':
      return withoutItem(itemsIn(values), edit.item);
    case 'increment':
      return Math.max(...(values.length === 0 ? [0] : values.map(countIn))) + edit.by;
    default:
      return unreachable(edit);
  }
}

export function describeEdit(key: string, edit: Edit): string {
  switch (edit.kind) {
    case 'set':
      return `write ${key}=${describeStored(edit.value)}`;
    case 'delete':
      return `delete ${key}`;
    case 'add':
      return `add ${describeStored(edit.item)} to ${key}`;
    case 'remove':
      return `remove ${describeStored(edit.item)} from ${key}`;
    case 'increment':
      return `increment ${key} by ${edit.by}`;
    default:
      return unreachable(edit);
  }
}

export function describeStored(value: Stored): string {
  return typeof value === 'string' ? value : canonical(value);
}

function itemsIn(values: readonly Stored[]): Value[] {
  const items = values.flatMap((value) => (isList(value) ? [...value] : value === null ? [] : [value]));
  return items.reduce<Value[]>((united, item) => withItem(united, item), []);
}

function countIn(value: Stored): number {
  return typeof value === 'number' ? value : 0;
}

function isList(value: Stored): value is readonly Value[] {
  return Array.isArray(value);
}
