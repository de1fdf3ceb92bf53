import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Calendar } from '../../shared/base/calendar.ts';
import { digest } from '../../shared/base/digest.ts';
import { canonical, clone, equal, freeze } from '../../shared/base/json.ts';
import { below, draw, mix, streamSeed } from '../../shared/base/random.ts';
import { isName, keysOf, lookUp } from '../../shared/base/table.ts';
import { changed, plain, shuffled } from '../support/plain.ts';

describe('the calendar', () => {
  test('gives things by time, and those of one time in the order in which they were put in', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { maxLength: 200 }), (times) => {
        const calendar = new Calendar<readonly [at: number, seq: number]>();
        times.forEach((at, seq) => calendar.put(at, [at, seq]));
        const sorted = times.map((at, seq) => [at, seq] as const).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
        expect(calendar.items()).toEqual(sorted);
        expect(times.map(() => calendar.take())).toEqual(sorted);
        expect([calendar.take(), calendar.next]).toEqual([undefined, undefined]);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  test('keeps the order when things are put in while others are taken, also at the time being taken', () => {
    const calendar = new Calendar<readonly [at: number, seq: number]>();
    const expected: (readonly [number, number])[] = [];
    let seq = 0;
    const put = (at: number): void => {
      const item = [at, ++seq] as const;
      expected.push(item);
      calendar.put(at, item);
    };
    put(0);
    for (let round = 0; round < 2000; round++) {
      const now = calendar.next ?? 0;
      const taken = calendar.take();
      expected.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
      expect(taken).toEqual(expected.shift());
      for (let n = below(mix(round), 3); n > 0 || calendar.next === undefined; n--) {
        put(now + below(mix(round + n), 6));
      }
      if (round % 100 === 0) expect(calendar.items()).toHaveLength(expected.length);
    }
  });

  test('takes nothing that is in the past', () => {
    const calendar = new Calendar<string>();
    calendar.put(5, 'a');
    calendar.put(5, 'b');
    calendar.take();
    expect(() => calendar.put(4, 'c')).toThrow('4 is in the past');
  });
});

describe('chance', () => {
  test('every bit of a draw is 1 half of the time, for consecutive counters and consecutive seeds', () => {
    for (const sample of [(i: number) => draw(7, i), (i: number) => draw(i, 7), (i: number) => mix(i)]) {
      const ones = new Array<number>(32).fill(0);
      for (let i = 0; i < 10_000; i++) {
        const value = sample(i);
        for (let bit = 0; bit < 32; bit++) ones[bit] = (ones[bit] ?? 0) + ((value >>> bit) & 1);
      }
      // A standard deviation is 50.
      expect(Math.max(...ones.map((count) => Math.abs(count - 5000)))).toBeLessThan(250);
    }
  });

  test('small numbers from draws are evenly spread, also in pairs', () => {
    const cells = new Array<number>(100).fill(0);
    for (let i = 0; i < 100_000; i++) {
      const cell = 10 * below(draw(3, 2 * i), 10) + below(draw(3, 2 * i + 1), 10);
      cells[cell] = (cells[cell] ?? 0) + 1;
    }
    const chiSquare = cells.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    // 99 degrees of freedom: 149 is exceeded once in a thousand.
    expect(chiSquare).toBeLessThan(149);
  });

  test('streams of other names and seeds have nothing to do with each other', () => {
    const first = new Set<number>();
    for (let seed = 0; seed < 50; seed++) {
      for (let node = 0; node < 40; node++) first.add(draw(streamSeed(seed, `n${node}`), 1));
    }
    expect(first.size).toBeGreaterThan(1998);
  });
});

describe('digests', () => {
  test('do not depend on the order of members, and survive cloning and JSON', () => {
    fc.assert(
      fc.property(plain, fc.nat(), (value, salt) => {
        const expected = digest(value);
        expect(digest(shuffled(value, salt))).toBe(expected);
        expect(digest(clone(value))).toBe(expected);
        expect(digest(JSON.parse(JSON.stringify(value)))).toBe(expected);
      }),
      { seed: 2, numRuns: 500 },
    );
  });

  test('any change of any part shows', () => {
    fc.assert(
      fc.property(plain, fc.nat(), (value, salt) => {
        const other = changed(value, salt);
        expect(digest(other)).not.toBe(digest(value));
      }),
      { seed: 3, numRuns: 2000 },
    );
  });

  test('small neighbours differ: no two of many short values share a digest', () => {
    const values: unknown[] = [null, true, false, '', [], {}, [[]], [{}], { a: {} }, [null], [0], ['']];
    for (let i = -500; i < 500; i++) {
      values.push(
        i,
        `${i} `,
        [i, -i],
        { a: i },
        { b: i },
        { [`k${i}`]: 0 },
        i * 0x1_0000_0000,
        [i, 'x'],
        [[i]],
      );
    }
    const texts = new Set(values.map(canonical));
    expect(new Set(values.map(digest)).size).toBe(texts.size);
  });

  test('are the same on every machine', () => {
    expect(digest({ a: [1, -2, 'ü', true, null], b: { c: 2 ** 53 - 1 } })).toBe('4f290e5b6b240993');
  });
});

describe('plain data', () => {
  test('equal values have equal texts, and nothing else has', () => {
    fc.assert(
      fc.property(plain, plain, fc.nat(), (a, b, salt) => {
        expect(canonical(shuffled(a, salt))).toBe(canonical(a));
        expect(equal(a, shuffled(clone(a), salt))).toBe(true);
        expect(equal(a, b)).toBe(canonical(a) === canonical(b));
        expect(canonical(JSON.parse(canonical(a)))).toBe(canonical(a));
      }),
      { seed: 4, numRuns: 500 },
    );
  });

  test('a clone shares nothing', () => {
    const value = { a: [{ b: 1 }] };
    const copy = clone(value);
    if (copy.a[0] !== undefined) copy.a[0].b = 2;
    expect(value).toEqual({ a: [{ b: 1 }] });
  });
});

describe('frozen data', () => {
  test('is frozen to the bottom, shared by copies, and has the digest it had before', () => {
    fc.assert(
      fc.property(plain, (value) => {
        const frozen = freeze(clone(value));
        expect(clone(frozen)).toBe(frozen);
        expect([digest(frozen), digest(frozen)]).toEqual([digest(value), digest(value)]);
        expect(digest([frozen, { a: frozen }])).toBe(digest([value, { a: value }]));
        expect(canonical(frozen)).toBe(canonical(value));
      }),
      { seed: 7, numRuns: 300 },
    );
    const entry = freeze({ index: 1, proposal: { key: 'x', value: ['a'] } });
    expect(() => entry.proposal.value.push('b')).toThrow(TypeError);
    const copy = clone({ log: [entry] });
    copy.log.push(entry);
    expect(copy.log[0]).toBe(entry);
  });
});

describe('names', () => {
  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__'])(
    '%s is none, and nothing is found under it',
    (name) => {
      expect(isName(name)).toBe(false);
      expect(lookUp({}, name)).toBeUndefined();
    },
  );

  test.each(['', ' a', '<b>', 'a\nb', 'a\u202eb', 'a\0', 'x'.repeat(49), '-a', 'a,b', 'ｎ１​'])(
    '%j is none',
    (name) => {
      expect(isName(name)).toBe(false);
    },
  );

  test.each(['n1', 'Zoë', '班级', 'eu-west', 'Table 4', 'a/b:c_d.e', '1'])('%s is one', (name) => {
    expect(isName(name)).toBe(true);
  });

  test('a table is walked in the order of its names', () => {
    expect(keysOf({ b: 1, a: 1, 10: 1, 9: 1, é: 1, Z: 1 })).toEqual(['10', '9', 'Z', 'a', 'b', 'é']);
  });
});
