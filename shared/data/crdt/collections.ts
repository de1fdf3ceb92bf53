import { canonical, type Json } from '../../base/json.ts';
import { keysOf, lookUp, type Table } from '../../base/table.ts';
import { type LwwRegister, mergeLww } from './lww-register.ts';
import { drop, type ObservedRemove, put } from './observed-remove.ts';

/**
 * An add-wins set of plain values. An item that is added and removed concurrently is in it afterwards, because
 * the remover cannot have seen that addition; what nobody has seen here cannot be removed here.
 */
export type OrSet<V extends Json> = ObservedRemove<V>;

export function addItem<V extends Json>(set: OrSet<V>, item: V, actor: string): OrSet<V> {
  return put(set, canonical(item), item, actor);
}

export function removeItem<V extends Json>(set: OrSet<V>, item: V): OrSet<V> {
  return drop(set, canonical(item));
}

/** The items, in the order of their texts. */
export function itemsOf<V extends Json>({ names }: OrSet<V>): V[] {
  return keysOf(names).flatMap((name) => {
    const dots = lookUp(names, name) ?? {};
    return keysOf(dots)
      .slice(0, 1)
      .map((dot) => dots[dot] as V);
  });
}

/** An enable-wins flag. */
export type Flag = ObservedRemove<true>;

export function setFlag(flag: Flag, on: boolean, actor: string): Flag {
  return on ? put<true>(flag, 'on', true, actor) : drop(flag, 'on');
}

export function isOn({ names }: Flag): boolean {
  return lookUp(names, 'on') !== undefined;
}

/**
 * A map of last-writer-wins registers whose fields are removed by observation: a field that is removed and
 * updated concurrently stays, with the update (update wins).
 */
export type CrdtMap<V extends Json> = ObservedRemove<LwwRegister<V>>;

/** The timestamp decides even against what was here: a writer whose clock is behind is not heard. */
export function updateField<V extends Json>(
  map: CrdtMap<V>,
  field: string,
  register: LwwRegister<V>,
  actor: string,
): CrdtMap<V> {
  const name = canonical(field);
  const held = registerIn(map, name);
  return put(map, name, held === null ? register : mergeLww(held, register), actor);
}

export function removeField<V extends Json>(map: CrdtMap<V>, field: string): CrdtMap<V> {
  return drop(map, canonical(field));
}

/** The fields in the order of their names. */
export function fieldsOf<V extends Json>(map: CrdtMap<V>): [field: string, value: V][] {
  return keysOf(map.names).flatMap((name) => {
    const register = registerIn(map, name);
    return register === null ? [] : [[JSON.parse(name) as string, register.value] as [string, V]];
  });
}

/** The same without anything in it, having seen all of it: what a delete leaves. */
export function emptied<P extends Json>({ seen }: ObservedRemove<P>): ObservedRemove<P> {
  return { seen, names: {} };
}

function registerIn<V extends Json>({ names }: CrdtMap<V>, name: string): LwwRegister<V> | null {
  const dots: Readonly<Table<LwwRegister<V>>> = lookUp(names, name) ?? {};
  return keysOf(dots)
    .map((dot) => dots[dot] as LwwRegister<V>)
    .reduce<LwwRegister<V> | null>((best, next) => (best === null ? next : mergeLww(best, next)), null);
}
