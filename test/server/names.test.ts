import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
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
    expect(uniqueName('Ana', [])).toBe('Ana');
    expect(uniqueName('Ana', ['ana', 'Ana 2'])).toBe('Ana 3');
    expect([...uniqueName('x'.repeat(24), ['x'.repeat(24)])].length).toBeLessThanOrEqual(24);
  });

  test('names on offer are names', () => {
    for (let i = 0; i < 200; i++) expect(cleanName(offerName(i))).toBe(offerName(i));
    expect(new Set(Array.from({ length: 200 }, (_, i) => offerName(i))).size).toBeGreaterThan(150);
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
