import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { isReserved, skeletonOf } from '../../shared/classroom/lookalikes.ts';
import { cleanName, uniqueName } from '../../shared/classroom/names.ts';
import { offerName } from '../../shared/classroom/names-offered.ts';
import { drawRoomCode, formatRoomCode, parseRoomCode } from '../../shared/classroom/room-code.ts';

vi.setConfig({ testTimeout: 30_000 });

describe('names', () => {
  test.each([
    ['  Ana   María ', 'Ana María'],
    ['ＡＢＣ', 'ABC'],
    ['a\u202eb\u200bc\u0000d\ud800e', 'abcde'],
    ['👨‍👩‍👧', '👨‍👩‍👧'],
    ['a\u200d\u200db', 'ab'],
    ['\ue000x', 'x'],
    ['Z' + '\u0301'.repeat(1000), 'Z\u0301'.normalize('NFKC') + '\u0301\u0301'],
    ['\u0301\u0302', ''],
    ['\n\r\t', ''],
    ['<b>x</b>', '<b>x</b>'],
  ])('%j is shown as %j', (typed, shown) => {
    expect(cleanName(typed)).toBe(shown);
  });

  test('[I17] whatever is typed, a name is short, visible, valid, and clean already', () => {
    const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (typed) => {
        const name = cleanName(typed);
        expect([...segmenter.segment(name)].length).toBeLessThanOrEqual(24);
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(96);
        expect(Buffer.from(name).toString()).toBe(name);
        expect(name).not.toMatch(/[\p{Cc}\p{Co}\p{Cn}\p{Cs}]|\p{M}{3}/u);
        expect(name.replaceAll('\u200d', '')).not.toMatch(/\p{Cf}/u);
      }),
      { seed: 1, numRuns: 600 },
    );
  });

  test('a name that is taken gets a number', () => {
    const taken = (...names: string[]) => new Set(names.map(skeletonOf));
    expect(uniqueName('Ana', taken())).toBe('Ana');
    expect(uniqueName('Ana', taken('ana', 'Ana 2'))).toBe('Ana 3');
    expect([...uniqueName('x'.repeat(24), taken('x'.repeat(24)))].length).toBeLessThanOrEqual(24);
  });

  test('names on offer are names', () => {
    for (let i = 0; i < 200; i++) expect(cleanName(offerName(i))).toBe(offerName(i));
    expect(new Set(Array.from({ length: 200 }, (_, i) => offerName(i))).size).toBeGreaterThan(150);
  });
});

describe('[H15] names that look like another', () => {
  test.each([
    ['Cyrillic', 'Аnа'],
    ['Greek', 'Αnα'],
    ['fullwidth', 'Ａｎａ'],
    ['mathematical', '𝐀𝓃𝕒'],
    ['circled', 'Ⓐⓝⓐ'],
    ['invisible characters', 'A\u200bn\u2060a'],
    ['text direction', '\u202eAna'],
    ['accents', 'Ána'],
    ['spaces', 'A n a'],
    ['an at sign', '@na'],
  ])('%s: %j is taken where Ana is', (_, typed) => {
    expect(uniqueName(cleanName(typed), new Set([skeletonOf('Ana')]))).toMatch(/ 2$/);
  });

  test.each([
    'Teacher',
    'TEACHER 2',
    'teacher.',
    'T e a c h e r',
    'Теасhеr',
    'ｔｅａｃｈｅｒ',
    'аdmіn',
    'adm1n'.replace('1', 'ı'),
    'Instruct0r',
    '·Instructor·',
    'Quorum Call',
    'prof\u200bessor',
  ])('%j is nobody’s', (typed) => {
    expect(isReserved(cleanName(typed))).toBe(true);
  });

  test.each(['Ana', 'Adriana', 'Ian', 'Іван', 'Νίκος', '太郎', 'Teachout', 'Минаев', '1', '👩‍🏫'])(
    '%j is a name like any other',
    (typed) => {
      expect(isReserved(cleanName(typed))).toBe(false);
      expect(uniqueName(cleanName(typed), new Set([skeletonOf('Teacher')]))).toBe(cleanName(typed));
    },
  );

  test('what is let through: letters that only some typefaces draw alike', () => {
    const alike = (a: string, b: string) => skeletonOf(a) === skeletonOf(b);
    expect(
      ['BiII=Bill', 'rnary=mary', 'vvill=will'].filter((pair) =>
        alike(...(pair.split('=') as [string, string])),
      ),
    ).toEqual([]);
  });
});

describe('room codes', () => {
  test.each([
    'K7M2QD',
    'k7m-2qd',
    ' K7M 2QD ',
    'k7m–2qd',
    'http://10.0.0.1:3000/j/K7M-2QD',
    'class.example/j/k7m2qd?x=1',
  ])('%s is understood', (typed) => {
    expect(parseRoomCode(typed)).toBe('K7M2QD');
  });

  test.each(['', 'K7M2Q', 'K7M2QDX', 'K7M2Q0', 'O7M2QD', '__proto__', 'x'.repeat(1000), 'K7M2QÜ'])(
    '%s is none',
    (typed) => {
      expect(parseRoomCode(typed)).toBeNull();
    },
  );

  test('what is drawn is understood as it is shown', () => {
    let draw = 0;
    for (let i = 0; i < 100; i++) {
      const code = drawRoomCode((bound) => (draw = (draw * 31 + 7) % 9973) % bound);
      expect(parseRoomCode(formatRoomCode(code))).toBe(code);
    }
  });
});
