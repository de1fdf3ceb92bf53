import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { amend, difference, patch, type Delta } from '../../shared/base/delta.ts';
import { canonical, clone, freeze, type Json } from '../../shared/base/json.ts';
import { changed, plain } from '../support/plain.ts';

/** A value and a later state of it: now and then another one altogether, mostly a few changes away. */
const pairs: fc.Arbitrary<readonly [Json, Json]> = fc.oneof(
  fc.tuple(plain, plain),
  fc.tuple(plain, fc.array(fc.nat(), { maxLength: 4 })).map(([before, salts]) => {
    return [before, salts.reduce<Json>((value, salt) => changed(value, salt), before)] as const;
  }),
);

describe('the difference of two values', () => {
  test('makes the one into the other, also through JSON, and touches neither', () => {
    fc.assert(
      fc.property(pairs, ([before, after]) => {
        const texts = [canonical(before), canonical(after)];
        const delta = difference(before, after);
        expect(canonical(patch(before, delta))).toBe(texts[1]);
        expect(canonical(patch(clone(before), JSON.parse(JSON.stringify(delta)) as Delta))).toBe(texts[1]);
        expect([canonical(before), canonical(after)]).toEqual(texts);
      }),
      { seed: 5, numRuns: 2000 },
    );
  });

  test('amends in place what its owner has alone, step after step, and takes no part of a delta for its own', () => {
    fc.assert(
      fc.property(plain, fc.array(fc.nat(), { maxLength: 6 }), (first, salts) => {
        let owned: unknown = clone(first);
        let now = first;
        const deltas: Delta[] = [];
        const texts: string[] = [];
        for (const salt of salts) {
          const next = changed(now, salt);
          deltas.push(difference(owned, next));
          texts.push(JSON.stringify(deltas.at(-1)));
          owned = amend(owned, deltas.at(-1) as Delta);
          now = next;
        }
        expect(canonical(owned)).toBe(canonical(now));
        expect(deltas.map((delta) => JSON.stringify(delta))).toEqual(texts);
      }),
      { seed: 8, numRuns: 1000 },
    );
  });

  test('what is frozen stays so, and what several members share stays shared', () => {
    const silent = freeze({ heardAt: 0 });
    const later = freeze({ heardAt: 7 });
    const owned = { n1: silent, n2: silent, n3: { heardAt: 3 } };
    const delta = difference(owned, { n1: later, n2: later, n3: { heardAt: 4 } });
    const after = amend(owned, delta) as typeof owned;
    expect(after).toBe(owned);
    expect(after).toEqual({ n1: later, n2: later, n3: { heardAt: 4 } });
    expect(silent).toEqual({ heardAt: 0 });
    expect(Object.isFrozen(after.n1)).toBe(true);
    expect(after.n1).toBe(after.n2);
    expect(Object.isFrozen(after.n3)).toBe(false);
  });

  test('is nothing for equal values', () => {
    fc.assert(
      fc.property(plain, (value) => {
        expect(difference(value, clone(value))).toEqual({ is: 'keep' });
      }),
      { seed: 6, numRuns: 200 },
    );
  });

  test('is as short as the change: a log that grew, one counter among many', () => {
    const log = Array.from({ length: 5000 }, (_, index) => ({ index, value: `value ${index}` }));
    expect(JSON.stringify(difference(log, [...log, { index: 5000, value: 'new' }])).length).toBeLessThan(100);
    const nodes = Object.fromEntries(log.map(({ index, value }) => [`n${index}`, { value, term: 1 }]));
    const later = { ...nodes, n77: { value: 'value 77', term: 2 } };
    expect(JSON.stringify(difference(nodes, later)).length).toBeLessThan(150);
  });

  test('says once what items have in common: replicas that took the same entries, but for one', () => {
    const replica = (id: string, log: readonly Json[]): Json => ({
      id,
      sent: id.length,
      durable: { log, term: 1 },
    });
    const entries = Array.from({ length: 50 }, (_, index) => ({ index, value: `value ${index}` }));
    const ids = Array.from({ length: 20 }, (_, index) => `n${index}`);
    const before = ids.map((id) => replica(id, entries));
    const more = [...entries, { index: 50, value: 'the entry that is new' }];
    const after = ids.map((id) => replica(id, id === 'n7' ? entries : more));
    const delta = difference(before, after);
    expect(JSON.stringify(delta).match(/the entry that is new/g)).toHaveLength(1);
    expect(patch(before, JSON.parse(JSON.stringify(delta)) as Delta)).toEqual(after);
    const patched = patch(before, delta) as { readonly durable: { readonly log: readonly Json[] } }[];
    expect(patched[0]?.durable.log.at(-1)).toBe(patched[19]?.durable.log.at(-1));
  });

  test('shares nothing with what goes on changing', () => {
    const before = { list: [{ a: 1 }], table: {} };
    const after = { list: [{ a: 1 }, { a: 2 }], table: { new: { b: [1] } } };
    const delta = difference(before, after);
    const text = JSON.stringify(delta);
    after.list.forEach((item) => (item.a = 9));
    after.table.new.b.push(2);
    expect(JSON.stringify(delta)).toBe(text);
  });

  test('an array whose items have all moved is said anew, not item by item', () => {
    const before = Array.from({ length: 100 }, (_, i) => i);
    expect(
      difference(
        before,
        before.map((i) => i + 1),
      ),
    ).toMatchObject({ is: 'value' });
  });
});

describe('a delta from a damaged or hostile file', () => {
  const base = { list: [1, 2, 3], table: { a: 1 }, text: 'x' };
  const hostile: readonly (readonly [string, unknown])[] = [
    ['no kind', {}],
    ['an unknown kind', { is: 'everything' }],
    ['nothing', null],
    ['a number', 7],
    [
      'members of a text',
      { is: 'members', change: { text: { is: 'members', change: {}, drop: [] } }, drop: [] },
    ],
    ['items of a table', { is: 'items', length: 1, change: [], tail: [] }],
    ['members with a set that is null', { is: 'members', set: null }],
    ['members with a set of items', { is: 'members', set: [1] }],
    ['a set member named __proto__', JSON.parse('{"is":"members","set":{"__proto__":{"x":1}}}')],
    ['a set member named constructor', { is: 'members', set: { constructor: 1 } }],
    ['a ditto that repeats nothing', { is: 'members', change: { text: { is: 'ditto' } } }],
    ['a ditto of all', { is: 'ditto' }],
    ['members with a change that is null', { is: 'members', change: null, drop: [] }],
    ['a drop that is no list', { is: 'members', change: {}, drop: 7 }],
    ['a drop of something that is no name', { is: 'members', change: {}, drop: [{}] }],
    [
      'a member named __proto__',
      JSON.parse('{"is":"members","change":{"__proto__":{"is":"value","value":{"x":1}}},"drop":[]}'),
    ],
    [
      'a member named constructor',
      { is: 'members', change: { constructor: { is: 'value', value: 1 } }, drop: [] },
    ],
    ['a value that is missing', { is: 'members', change: { text: { is: 'value' } }, drop: [] }],
    ['a nested delta that is null', { is: 'members', change: { text: null }, drop: [] }],
  ];
  const ofList = (delta: object): unknown => ({
    is: 'members',
    change: { list: { is: 'items', ...delta } },
    drop: [],
  });
  const lists: readonly (readonly [string, unknown])[] = [
    ['no length', ofList({ change: [], tail: [] })],
    ['a negative length', ofList({ length: -1, change: [], tail: [] })],
    ['a length that is a fraction', ofList({ length: 0.5, change: [], tail: [] })],
    ['a length of four thousand million', ofList({ length: 2 ** 32, change: [], tail: [] })],
    ['too few items', ofList({ length: 5, change: [], tail: [4] })],
    ['a tail that is no list', ofList({ length: 3, change: [], tail: null })],
    ['a tail that is a text', ofList({ length: 4, change: [], tail: 'a' })],
    ['a change that is no list', ofList({ length: 3, change: {}, tail: [] })],
    ['a ditto in the first change', ofList({ length: 3, change: [[0, { is: 'ditto' }]] })],
    ['a change of no pair', ofList({ length: 3, change: [7], tail: [] })],
    ['a change beyond the end', ofList({ length: 3, change: [[3, { is: 'keep' }]], tail: [] })],
    ['a change at a negative index', ofList({ length: 3, change: [[-1, { is: 'keep' }]], tail: [] })],
    ['a change at a name', ofList({ length: 3, change: [['length', { is: 'value', value: 0 }]], tail: [] })],
    ['a change at a fraction', ofList({ length: 3, change: [[0.5, { is: 'keep' }]], tail: [] })],
  ];

  test.each([...hostile, ...lists])('%s: is refused as out of range, and nothing is polluted', (_, delta) => {
    expect(() => patch(base, delta as Delta)).toThrow(RangeError);
    expect(base).toEqual({ list: [1, 2, 3], table: { a: 1 }, text: 'x' });
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });
});
