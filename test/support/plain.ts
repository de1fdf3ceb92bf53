import fc from 'fast-check';
import type { Json } from '../../shared/base/json.ts';
import { draw } from '../../shared/base/random.ts';

const names = fc.constantFrom('a', 'b', 'n1', 'n2', 'log', 'über', '10', '9');

/** Plain data as states, messages and recordings have it: no fractions, and no names that objects inherit. */
export const plain: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(null, true, false, 0, '', 'red'),
    fc.maxSafeInteger().map((number) => (Object.is(number, -0) ? 0 : number)),
    fc.string({ maxLength: 6 }),
    fc.array(tie('value'), { maxLength: 6 }),
    fc.dictionary(names, tie('value'), { maxKeys: 5, noNullPrototype: true }),
  ),
})).value;

/** The same value with the members of its objects in another order. */
export function shuffled(value: Json, salt: number): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item: Json, i) => shuffled(item, salt + i));
  const entries = Object.entries(value as Readonly<Record<string, Json>>);
  const order = entries.map((entry, i) => [draw(salt, i), entry] as const).sort((a, b) => a[0] - b[0]);
  return Object.fromEntries(order.map(([, [key, member]]) => [key, shuffled(member, salt + 1)]));
}

/** The value with one part of it, chosen by the salt, changed to something else. */
export function changed(value: Json, salt: number): Json {
  const choice = draw(salt, 1);
  if (Array.isArray(value)) {
    const items = value as readonly Json[];
    if (items.length === 0 || choice % 4 === 0) return [...items, null];
    const at = choice % items.length;
    if (choice % 3 === 0) return items.filter((_, i) => i !== at);
    return items.map((item, i) => (i === at ? changed(item, choice) : item));
  }
  if (typeof value === 'object' && value !== null) {
    const record = value as Readonly<Record<string, Json>>;
    const keys = Object.keys(record);
    const key = keys[choice % keys.length];
    if (key === undefined || choice % 4 === 0) return { ...record, extra: 0 };
    if (choice % 3 === 0) return Object.fromEntries(Object.entries(record).filter(([name]) => name !== key));
    return { ...record, [key]: changed(record[key] ?? null, choice) };
  }
  if (typeof value === 'number') return Math.abs(value) < 1000 ? value + 1 : value - 1;
  if (typeof value === 'string') return `${value}x`;
  return value === true ? false : value === false ? null : true;
}
