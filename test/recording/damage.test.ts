import { describe, expect, test } from 'vitest';
import { encodeLine, type Line } from '../../shared/recording/codec.ts';
import { Fold } from '../../shared/recording/fold.ts';
import { readRecording } from '../../shared/recording/read.ts';
import { entryLine } from '../../shared/recording/recording.ts';
import { verifyRecording } from '../../shared/recording/verify.ts';
import { headerFor, record, recordSome, textOf } from '../support/recordings.ts';

const header = { ...headerFor('dynamo', 2), knobs: { n: 2, r: 1, w: 1 }, groups: { Zoë: ['n1'] } };
const lines = record(
  header,
  [
    {
      at: 10,
      command: { kind: 'operate', node: 'n1', operation: { kind: 'write', key: 'x', value: 'grün' } },
    },
    { at: 20, command: { kind: 'cut', from: { group: 'Zoë' }, to: { nodes: ['n2'] }, oneWay: false } },
    { at: 30, command: { kind: 'operate', node: 'n2', operation: { kind: 'write', key: 'x', value: 2 } } },
    { at: 60, command: { kind: 'heal', between: null } },
  ],
  70,
  70,
);
const text = textOf(lines);
const bytes = Buffer.from(text);
/** For every byte the number of its line. */
const lineAt: number[] = [];
for (const [index] of bytes.entries())
  lineAt.push((lineAt[index - 1] ?? 1) + (bytes[index - 1] === 10 ? 1 : 0));
/** Thousands of readings: a second or two, and many more when the machine is busy. */
const MANY = { timeout: 60_000 };

/** Reads as the server does: whatever is in the file, as UTF-8. */
function read(damaged: Uint8Array): ReturnType<typeof readRecording> {
  return readRecording(Buffer.from(damaged).toString('utf8'));
}

function linesOf({ recording }: ReturnType<typeof readRecording>): number {
  return recording === null ? 0 : 1 + recording.entries.length + recording.checkpoints.length;
}

test('the recording of these tests is good, and has every kind of line', () => {
  const reading = read(bytes);
  expect(reading.damage).toBeNull();
  expect(reading.length).toBe(text.length);
  expect(new Set(lines.map(({ line }) => line)).size).toBe(3);
  expect(reading.recording && verifyRecording(reading.recording)).toBeNull();
});

describe('[D1] a file that ends too early, at every byte', () => {
  const ends = [...bytes.keys()].filter((offset) => bytes[offset] === 10);

  test('gives exactly the whole lines before, and is called torn', MANY, () => {
    for (let cut = 0; cut < bytes.length; cut++) {
      const reading = read(bytes.subarray(0, cut));
      const whole = ends.filter((end) => end <= cut).length;
      expect(linesOf(reading)).toBe(whole);
      const atBoundary = cut === 0 || ends.includes(cut - 1) || ends.includes(cut);
      if (atBoundary && cut > 0) expect(reading.damage).toBeNull();
      else expect(reading.damage).toMatchObject({ line: whole + 1, torn: cut > 0 });
    }
  });

  test('and what is whole can be written on', MANY, () => {
    const entry = { seq: 0, at: 100, command: { kind: 'end' }, ref: null } as const;
    for (let cut = (ends[0] ?? 0) + 1; cut < bytes.length; cut += 7) {
      const damaged = bytes.subarray(0, cut).toString('utf8');
      const reading = readRecording(damaged);
      const seq = (reading.recording?.entries.length ?? 0) + 1;
      const { text: added } = encodeLine(entryLine({ ...entry, seq }), reading.chain);
      const kept = damaged.slice(0, reading.length);
      const again = readRecording(`${kept}${kept.endsWith('\n') ? '' : '\n'}${added}\n`);
      expect(again.damage).toBeNull();
      expect(again.recording?.entries.at(-1)).toEqual({ ...entry, seq });
    }
  });
});

test(
  '[D2] a flipped bit in any byte is detected, and damage in the middle is never called torn',
  MANY,
  () => {
    for (let offset = 0; offset < bytes.length; offset++) {
      const damaged = Buffer.from(bytes);
      damaged[offset] = (bytes[offset] ?? 0) ^ (1 << (offset % 8));
      const reading = read(damaged);
      const line = lineAt[offset] ?? 0;
      expect(reading.damage).toMatchObject({ line, torn: false });
      // What is before the damaged line is kept, as it was.
      expect(linesOf(reading)).toBe(line - 1);
    }
  },
);

describe('[D9] files in the place of others', () => {
  const other = textOf(recordSome(headerFor('dynamo', 3, 7), 400, 150));

  test('two recordings one after the other, or the tail of another one, are refused', () => {
    expect(readRecording(text + other).damage).toMatchObject({ line: lines.length + 1, code: 'chain' });
    const [ours, theirs] = [text.split('\n'), other.split('\n')];
    const mixed = [...ours.slice(0, 2), ...theirs.slice(2)].join('\n');
    expect(readRecording(mixed).damage).toMatchObject({ line: 3, code: 'chain' });
  });

  test('so is a recording twice, and a tail without its head', () => {
    expect(readRecording(text + text).damage).toMatchObject({ line: lines.length + 1, code: 'chain' });
    expect(readRecording(text.slice(text.indexOf('\n') + 1))).toMatchObject({
      recording: null,
      damage: { line: 1 },
    });
  });
});

describe('[D10] lines moved, removed, put in or written twice', () => {
  const parts = text.slice(0, -1).split('\n');

  test.each([...parts.keys()])('line %i', (index) => {
    const without = parts.toSpliced(index, 1);
    const doubled = parts.toSpliced(index, 0, parts[index] ?? '');
    const swapped = parts.toSpliced(index, 2, parts[index + 1] ?? '', parts[index] ?? '');
    for (const edited of index + 1 < parts.length ? [without, doubled, swapped] : [doubled]) {
      const { damage } = readRecording(`${edited.join('\n')}\n`);
      expect(damage).toMatchObject({ torn: false });
      expect(damage?.line).toBeGreaterThan(index);
    }
  });

  /** A forger who also computes the chain anew gets as far as the order of the lines, and then the digests. */
  test('with the chain computed anew: out of order is refused, and a change in order contradicts the digests', () => {
    const swap = (a: number, b: number): Line[] => {
      const list = [...lines];
      [list[a], list[b]] = [list[b] as Line, list[a] as Line];
      return list;
    };
    expect(readRecording(textOf(swap(1, 2))).damage).toMatchObject({ line: 2, code: 'order' });
    expect(readRecording(textOf([...lines, lines[0] as Line])).damage).toMatchObject({ code: 'order' });
    expect(readRecording(textOf(lines.toSpliced(2, 1))).damage).toMatchObject({ line: 3, code: 'order' });
    const changed = lines.map((line) => {
      if (line.line !== 'entry' || line.seq !== 1) return line;
      return { ...line, at: line.at + 1 };
    });
    const reading = readRecording(textOf(changed));
    expect(reading.damage).toBeNull();
    expect(reading.recording && verifyRecording(reading.recording)).toMatchObject({ line: 6 });
  });
});

test('[D11] a file of a newer format is refused with its version named', () => {
  const newer = { ...lines[0], version: 7 } as Line;
  expect(readRecording(textOf([newer, ...lines.slice(1)]))).toMatchObject({
    recording: null,
    damage: {
      line: 1,
      code: 'newer',
      message: 'is of format 7; this program reads up to format 2',
      torn: false,
    },
  });
});

test('a fold that goes on from a damaged file is the fold of what was whole', () => {
  const { recording } = read(bytes.subarray(0, bytes.length - 30));
  const fold = new Fold(header);
  for (const entry of recording?.entries ?? []) fold.apply(entry);
  const whole = new Fold(header);
  for (const line of lines) if (line.line === 'entry') whole.apply(line);
  expect(fold.digest()).toBe(whole.digest());
});
