import { impossible, unreachable } from '../../../base/assert.ts';
import {
  addItem,
  type CrdtMap,
  emptied,
  fieldsOf,
  type Flag,
  isOn,
  itemsOf,
  type OrSet,
  removeField,
  removeItem,
  setFlag,
  updateField,
} from '../../../data/crdt/collections.ts';
import {
  addToCounter,
  mergeCounters,
  type PnCounter,
  valueOfCounter,
  ZERO,
} from '../../../data/crdt/counter.ts';
import { type LwwRegister, mergeLww } from '../../../data/crdt/lww-register.ts';
import { mergeObserved, NOTHING } from '../../../data/crdt/observed-remove.ts';
import type { Stored, Value } from '../../../sim/operation.ts';

/**
 * Riak's data types (basho_docs riak/kv/2.2.3, "Data Types"): they merge by themselves, so they have no
 * siblings. Real registers and flags live in maps only; here a key may hold one alone.
 */
export type DataType =
  | { readonly type: 'register'; readonly content: LwwRegister<Value> }
  | { readonly type: 'counter'; readonly content: PnCounter }
  | { readonly type: 'set'; readonly content: OrSet<Value> }
  | { readonly type: 'map'; readonly content: CrdtMap<Value> }
  | { readonly type: 'flag'; readonly content: Flag };

export type TypeName = DataType['type'];

export const TYPE_NAMES: readonly TypeName[] = ['counter', 'flag', 'map', 'register', 'set'];

/** What a client asks of a data type: an operation, not a new value. */
export type Change =
  | { readonly type: 'register'; readonly value: Value }
  | { readonly type: 'counter'; readonly by: number }
  | { readonly type: 'set'; readonly action: 'add' | 'remove'; readonly item: Value }
  | { readonly type: 'map'; readonly action: 'update'; readonly field: string; readonly value: Value }
  | { readonly type: 'map'; readonly action: 'remove'; readonly field: string }
  | { readonly type: 'flag'; readonly on: boolean };

/** The actor's name is one that nobody else uses for this key, now or later; `at` is its clock. */
export function changed(held: DataType | undefined, change: Change, actor: string, at: number): DataType {
  switch (change.type) {
    case 'register': {
      const written = { value: change.value, at, writer: actor };
      const content = held?.type === 'register' ? mergeLww(held.content, written) : written;
      return { type: 'register', content };
    }
    case 'counter': {
      const content = held?.type === 'counter' ? held.content : ZERO;
      return { type: 'counter', content: addToCounter(content, actor, change.by) };
    }
    case 'set': {
      const content: OrSet<Value> = held?.type === 'set' ? held.content : NOTHING;
      const { action, item } = change;
      return {
        type: 'set',
        content: action === 'add' ? addItem(content, item, actor) : removeItem(content, item),
      };
    }
    case 'map': {
      const content: CrdtMap<Value> = held?.type === 'map' ? held.content : NOTHING;
      if (change.action === 'remove') return { type: 'map', content: removeField(content, change.field) };
      const written = { value: change.value, at, writer: actor };
      return { type: 'map', content: updateField(content, change.field, written, actor) };
    }
    case 'flag': {
      const content: Flag = held?.type === 'flag' ? held.content : NOTHING;
      return { type: 'flag', content: setFlag(content, change.on, actor) };
    }
    default:
      return unreachable(change);
  }
}

/** What a delete leaves: nothing of what was seen here. What is added elsewhere meanwhile survives. */
export function cleared(held: DataType, actor: string, at: number): DataType {
  switch (held.type) {
    case 'register':
      return changed(held, { type: 'register', value: null }, actor, at);
    case 'counter':
      return changed(held, { type: 'counter', by: -valueOfCounter(held.content) }, actor, at);
    case 'set':
      return { type: 'set', content: emptied(held.content) };
    case 'map':
      return { type: 'map', content: emptied(held.content) };
    case 'flag':
      return { type: 'flag', content: emptied(held.content) };
    default:
      return unreachable(held);
  }
}

export function mergeTypes(a: DataType, b: DataType): DataType {
  if (a.type === 'register' && b.type === 'register') {
    return { type: 'register', content: mergeLww(a.content, b.content) };
  }
  if (a.type === 'counter' && b.type === 'counter') {
    return { type: 'counter', content: mergeCounters(a.content, b.content) };
  }
  if (a.type === 'set' && b.type === 'set') {
    return { type: 'set', content: mergeObserved(a.content, b.content) };
  }
  if (a.type === 'map' && b.type === 'map') {
    return { type: 'map', content: mergeObserved(a.content, b.content) };
  }
  if (a.type === 'flag' && b.type === 'flag') {
    return { type: 'flag', content: mergeObserved(a.content, b.content) };
  }
  return impossible(`a ${a.type} and a ${b.type} lie in different buckets`);
}

/** What a reader sees; null where there is nothing. A map is shown as `field=value` texts. */
export function valueOf(held: DataType): Stored {
  switch (held.type) {
    case 'register':
      return held.content.value;
    case 'counter':
      return valueOfCounter(held.content);
    case 'set':
      return itemsOf(held.content);
    case 'map':
      return fieldsOf(held.content).map(([field, value]) => `${field}=${String(value)}`);
    case 'flag':
      return isOn(held.content);
    default:
      return unreachable(held);
  }
}

/** Whether a key that has only this counts as not found. */
export function isEmpty(held: DataType): boolean {
  const value = valueOf(held);
  return value === null || (Array.isArray(value) && value.length === 0);
}
