import { unreachable } from '../../../base/assert.ts';
import { equal } from '../../../base/json.ts';
import type { Stored } from '../../../sim/operation.ts';
import type { Item, Update } from './types.ts';

/** What is under a key as clients see it: null where there is nothing. */
export function valueOf(item: Item | null | undefined): Stored {
  return item == null || item.deleted ? null : item.value;
}

export type Changed = { readonly value: Stored; readonly deleted: boolean };

/** What an update makes of an item; null where it meets a value of the wrong type. */
export function change(before: Stored, update: Update): Changed | null {
  switch (update.kind) {
    case 'put':
      return { value: update.value, deleted: false };
    case 'delete':
      return { value: null, deleted: true };
    case 'add-number': {
      const number = before ?? 0;
      return typeof number === 'number' ? { value: number + update.by, deleted: false } : null;
    }
    case 'add-item':
    case 'delete-item': {
      const items = before ?? [];
      if (typeof items !== 'object') return null;
      const others = items.filter((item) => !equal(item, update.item));
      // A set without items is no value: the attribute is gone.
      if (update.kind === 'delete-item') return { value: others, deleted: others.length === 0 };
      return { value: others.length < items.length ? items : [...items, update.item], deleted: false };
    }
    default:
      return unreachable(update);
  }
}

/** Between Regions the later clock wins, and of equal ones the higher Region. */
export function winsOver(a: Item, b: Item | undefined): boolean {
  if (b === undefined) return true;
  return a.at !== b.at ? a.at > b.at : a.region > b.region;
}
