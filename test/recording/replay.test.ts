import { describe, expect, test } from 'vitest';
import { encodeLine, type Line } from '../../shared/recording/codec.ts';
import { Fold } from '../../shared/recording/fold.ts';
import { readRecording } from '../../shared/recording/read.ts';
import {
  Checkpointer,
  checkpointLine,
  endOf,
  entryLine,
  type Recording,
} from '../../shared/recording/recording.ts';
import { Replay } from '../../shared/recording/replay.ts';
import { verifyRecording } from '../../shared/recording/verify.ts';
import { SYSTEMS } from '../../shared/systems/index.ts';
import { headerFor, recordingOf, recordSome, textOf } from '../support/recordings.ts';
import { createChance } from '../support/runs.ts';

const END = 9000;

/** The truth: every entry up to a time, folded from the start. */
function foldTo(recording: Recording, at: number): Fold {
  const fold = new Fold(recording.header);
  for (const entry of recording.entries) if (entry.at <= at) fold.apply(entry);
  fold.advance(at);
  return fold;
}

describe.each(SYSTEMS.map(({ id }) => id))('a replay: %s', { timeout: 30_000 }, (system) => {
  const recording = recordingOf(recordSome(headerFor(system, 4, 11), END, 1500));

  test('sought anywhere, in any order, it is the fold from the start', () => {
    const chance = createChance(2);
    const replay = new Replay(recording);
    const boundaries = recording.checkpoints.flatMap(({ at }) => [at - 1, at, at + 1]);
    const times = [...boundaries, ...recording.entries.slice(0, 8).map(({ at }) => at)];
    for (let i = 0; i < 15; i++) times.push(chance(END));
    for (const at of times.sort((a, b) => ((a * 7919) % 101) - ((b * 7919) % 101))) {
      expect(replay.seek(at).digest()).toBe(foldTo(recording, at).digest());
    }
    expect(replay.disagreement).toBeNull();
  });

  test('a look at another moment leaves the place where it is', () => {
    const replay = new Replay(recording);
    replay.seek(3000);
    expect(replay.foldAt(END).digest()).toBe(foldTo(recording, END).digest());
    expect(replay.fold.digest()).toBe(foldTo(recording, 3000).digest());
    expect(replay.play(4000).digest()).toBe(foldTo(recording, 4000).digest());
  });

  test('played in small steps it agrees with every checkpoint', () => {
    const replay = new Replay(recording);
    for (let at = 0; at <= END; at += 40) replay.play(at);
    expect(replay.disagreement).toBeNull();
    expect(replay.play(END).digest()).toBe(foldTo(recording, END).digest());
    expect(verifyRecording(recording)).toBeNull();
  });

  test('begun late from a kept state it goes on the same, and back no further than that', () => {
    const start = foldTo(recording, 4000);
    const late: Recording = {
      header: recording.header,
      entries: recording.entries.filter(({ seq }) => seq > start.seq),
      checkpoints: [],
    };
    const replay = new Replay(late, start.save());
    expect(replay.seek(7000).digest()).toBe(foldTo(recording, 7000).digest());
    expect(replay.seek(5000).digest()).toBe(foldTo(recording, 5000).digest());
    expect(replay.seek(100).now).toBe(4000);
  });

  test('a recording that grows is followed to its end', () => {
    const growing: Recording = { header: recording.header, entries: [], checkpoints: [] };
    const replay = new Replay(growing);
    for (let at = 0; at <= END; at += 100) {
      growing.entries.push(...recording.entries.filter((entry) => entry.at > at - 100 && entry.at <= at));
      growing.checkpoints.push(
        ...recording.checkpoints.filter((point) => point.at > at - 100 && point.at <= at),
      );
      replay.play(at);
    }
    expect(replay.fold.digest()).toBe(foldTo(recording, END).digest());
    expect(replay.disagreement).toBeNull();
  });

  test('a digest that is not the fold’s is told, with its place', () => {
    const wrong: Recording = {
      ...recording,
      checkpoints: recording.checkpoints.map((point, i) =>
        i === 2 ? { ...point, digest: '0'.repeat(16) } : point,
      ),
    };
    const replay = new Replay(wrong);
    replay.play(END);
    expect(replay.disagreement).toMatchObject({ at: 4500 });
    expect(verifyRecording(wrong)).toMatchObject({ at: 4500 });
  });

  test('written on after it was read, with checkpoints that follow from the last', () => {
    const text = textOf(recordSome(headerFor(system, 4, 11), END, 1500));
    const reading = readRecording(text);
    const before = reading.recording as Recording;
    const replay = new Replay(before);
    const fold = replay.seek(endOf(before));
    const checkpointer = new Checkpointer(replay.fold.save());
    const entry = {
      seq: fold.seq + 1,
      at: END + 10,
      command: { kind: 'operate', node: 'n1', operation: { kind: 'write', key: 'late', value: 'x' } },
      ref: null,
    } as const;
    fold.apply(entry);
    fold.advance(END + 500);
    let { chain } = reading;
    const added = [entryLine(entry), checkpointLine(checkpointer.take(fold))].map((line: Line) => {
      const encoded = encodeLine(line, chain);
      chain = encoded.chain;
      return `${encoded.text}\n`;
    });
    const again = readRecording(text + added.join(''));
    expect(again.damage).toBeNull();
    expect(again.recording && verifyRecording(again.recording)).toBeNull();
  });
});

describe('the end of a recording', () => {
  const header = headerFor('dynamo', 3);
  const entry = (seq: number, at: number, command: Recording['entries'][number]['command']) => ({
    seq,
    at,
    command,
    ref: null,
  });

  test('is its last entry, or what may have been shown after that', () => {
    const recording: Recording = {
      header,
      entries: [entry(1, 40, { kind: 'hold', held: true })],
      checkpoints: [],
    };
    expect(endOf(recording)).toBe(40);
    recording.entries.push(entry(2, 50, { kind: 'horizon', until: 900 }));
    expect(endOf(recording)).toBe(900);
    recording.entries.push(entry(3, 60, { kind: 'pace', perMille: 500 }));
    expect(endOf(recording)).toBe(900);
    recording.entries.push(entry(4, 70, { kind: 'end' }));
    expect(endOf(recording)).toBe(70);
  });
});
