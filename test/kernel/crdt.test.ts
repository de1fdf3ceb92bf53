import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
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
} from '../../shared/data/crdt/collections.ts';
import {
  addToCounter,
  grow,
  mergeCounters,
  mergeGCounters,
  totalOf,
  valueOfCounter,
  ZERO,
} from '../../shared/data/crdt/counter.ts';
import { mergeLww } from '../../shared/data/crdt/lww-register.ts';
import { mergeMv, type MvRegister, writeMv } from '../../shared/data/crdt/mv-register.ts';
import { mergeObserved, NOTHING } from '../../shared/data/crdt/observed-remove.ts';
import { compareClocks, descends } from '../../shared/data/vector-clock.ts';

const actors = ['n1', 'n2', 'n3'] as const;

/** What happens at three replicas: one changes, or one learns what another has. */
const events = fc.array(
  fc.record({
    at: fc.nat({ max: 2 }),
    from: fc.nat({ max: 2 }),
    merges: fc.boolean(),
    choice: fc.nat({ max: 5 }),
  }),
  { maxLength: 24 },
);
type Event = { at: number; from: number; merges: boolean; choice: number };

/** Replicas of a type after some events. Each changes under its own name only. */
type Type<S> = {
  readonly start: S;
  change(state: S, actor: string, choice: number, time: number): S;
  merge(a: S, b: S): S;
};

function play<S>(type: Type<S>, happened: readonly Event[]): [S, S, S] {
  const states: [S, S, S] = [type.start, type.start, type.start];
  for (const [time, { at, from, merges, choice }] of happened.entries()) {
    const own = states[at] as S;
    states[at] = merges
      ? type.merge(own, states[from] as S)
      : type.change(own, actors[at] ?? '', choice, time % 7);
  }
  return states;
}

const items = ['tea', 'milk'];
const types: readonly (readonly [string, Type<unknown>])[] = [
  named('G-counter', {
    start: {},
    change: (state, actor, choice) => grow(state, actor, choice),
    merge: mergeGCounters,
  }),
  named('PN-counter', {
    start: ZERO,
    change: (state, actor, choice) => addToCounter(state, actor, choice - 2),
    merge: mergeCounters,
  }),
  named<OrSet<string>>('OR-set', {
    start: NOTHING,
    change: (state, actor, choice) => {
      const item = items[choice % 2] ?? '';
      return choice < 4 ? addItem(state, item, actor) : removeItem(state, item);
    },
    merge: mergeObserved,
  }),
  named<Flag>('flag', {
    start: NOTHING,
    change: (state, actor, choice) => setFlag(state, choice < 3, actor),
    merge: mergeObserved,
  }),
  named<CrdtMap<number>>('map', {
    start: NOTHING,
    change: (state, actor, choice, at) => {
      const field = items[choice % 2] ?? '';
      if (choice === 5) return emptied(state);
      if (choice > 2) return removeField(state, field);
      return updateField(state, field, { value: choice, at, writer: actor }, actor);
    },
    merge: mergeObserved,
  }),
  named('LWW-register', {
    start: { value: 0, at: -1, writer: '' },
    change: (state, writer, value, at) => mergeLww(state, { value, at, writer }),
    merge: mergeLww,
  }),
  named<MvRegister<number>>('MV-register', {
    start: [],
    change: (state, actor, choice) => writeMv(state, choice, actor),
    merge: mergeMv,
  }),
];

function named<S>(name: string, type: Type<S>): readonly [string, Type<unknown>] {
  return [name, type];
}

describe.each(types)('%s', (_, type) => {
  const states = events.map((happened) => play(type, happened));

  test('merges in any order, in any grouping, any number of times to the same', () => {
    fc.assert(
      fc.property(states, ([a, b, c]) => {
        expect(type.merge(a, b)).toEqual(type.merge(b, a));
        expect(type.merge(type.merge(a, b), c)).toEqual(type.merge(a, type.merge(b, c)));
        expect(type.merge(a, a)).toEqual(a);
      }),
    );
  });

  test('a merge holds all that went into it: to learn it again changes nothing', () => {
    fc.assert(
      fc.property(states, ([a, b]) => {
        const merged = type.merge(a, b);
        expect(type.merge(merged, a)).toEqual(merged);
        expect(type.merge(merged, b)).toEqual(merged);
      }),
    );
  });

  test('a change only goes up: whoever learns the later state has the earlier one in it', () => {
    fc.assert(
      fc.property(states, fc.nat({ max: 5 }), fc.nat({ max: 9 }), ([a], choice, time) => {
        const changed = type.change(a, 'n1', choice, time);
        expect(type.merge(a, changed)).toEqual(changed);
      }),
    );
  });
});

describe('what the types promise', () => {
  test('counters count every increment once, however copies travel', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat({ max: 2 }), fc.integer({ min: -5, max: 5 }))), (changes) => {
        const states = [ZERO, ZERO, ZERO];
        for (const [at, by] of changes) states[at] = addToCounter(states[at] ?? ZERO, actors[at] ?? '', by);
        const merged = states.reduce(mergeCounters);
        expect(valueOfCounter(merged)).toBe(changes.reduce((sum, [, by]) => sum + by, 0));
      }),
    );
    expect(totalOf(mergeGCounters({ n1: 3 }, { n1: 5, n2: 4 }))).toBe(9);
  });

  test('an item added and removed concurrently is in the set; what nobody has seen cannot be removed', () => {
    const both: OrSet<string> = addItem(NOTHING, 'tea', 'n1');
    const removed = removeItem(both, 'tea');
    const added = addItem(both, 'tea', 'n2');
    expect(itemsOf(mergeObserved(removed, added))).toEqual(['tea']);
    expect(itemsOf(mergeObserved(removed, both))).toEqual([]);
    expect(itemsOf(mergeObserved(removeItem(NOTHING, 'tea'), both))).toEqual(['tea']);
  });

  test('enable wins, and an update of a field wins against its removal', () => {
    const on = setFlag(NOTHING, true, 'n1');
    expect(isOn(mergeObserved(setFlag(on, false, 'n1'), setFlag(on, true, 'n2')))).toBe(true);
    expect(isOn(mergeObserved(setFlag(on, false, 'n1'), on))).toBe(false);
    const map = updateField<number>(NOTHING, 'age', { value: 1, at: 1, writer: 'n1' }, 'n1');
    const updated = updateField(map, 'age', { value: 2, at: 2, writer: 'n2' }, 'n2');
    expect(fieldsOf(mergeObserved(removeField(map, 'age'), updated))).toEqual([['age', 2]]);
    expect(fieldsOf(mergeObserved(removeField(map, 'age'), map))).toEqual([]);
  });

  test('[LW1] of any number of writes a last-writer-wins register keeps exactly one, the latest', () => {
    const writes = fc.array(
      fc.record({ value: fc.nat(), at: fc.nat(), writer: fc.constantFrom(...actors) }),
      {
        minLength: 1,
      },
    );
    fc.assert(
      fc.property(writes, (all) => {
        const kept = all.reduce(mergeLww);
        expect(all).toContainEqual(kept);
        expect(kept.at).toBe(Math.max(...all.map(({ at }) => at)));
      }),
    );
  });

  test('a multi-value register keeps concurrent writes, and a write that has seen them ends it', () => {
    const one = writeMv<string>([], 'one', 'n1');
    const two = writeMv<string>([], 'two', 'n2');
    const both = mergeMv(one, two);
    expect(both.map(({ value }) => value).sort()).toEqual(['one', 'two']);
    const end = writeMv(both, 'end', 'n1');
    expect(mergeMv(both, end)).toEqual(end);
  });

  test('clocks compare as the sets of writes that they stand for', () => {
    const clocks = fc.dictionary(fc.constantFrom(...actors), fc.nat({ max: 3 }));
    fc.assert(
      fc.property(clocks, clocks, (a, b) => {
        const expected = descends(a, b)
          ? descends(b, a)
            ? 'same'
            : 'after'
          : descends(b, a)
            ? 'before'
            : 'concurrent';
        expect(compareClocks(a, b)).toBe(expected);
        expect(compareClocks(b, a) === 'before').toBe(expected === 'after');
      }),
    );
  });
});
