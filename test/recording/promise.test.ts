import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { promisedIn } from '../../client/src/judge/promises.ts';
import type { Command } from '../../shared/recording/command.ts';
import { Fold } from '../../shared/recording/fold.ts';
import { readRecording } from '../../shared/recording/read.ts';
import { InstructorCommand } from '../../shared/wire/watch.ts';
import { recordingText } from '../../client/src/judge/recording-text.ts';
import { headerFor } from '../support/recordings.ts';

const PROMISE = { kind: 'promise', availabilityPerMille: 990, window: 500 } as const satisfies Command;

describe('what a class promises itself', () => {
  test('is a command of the instructor, in whole numbers that make sense', () => {
    expect(v.is(InstructorCommand, PROMISE)).toBe(true);
    expect(v.is(InstructorCommand, { ...PROMISE, availabilityPerMille: null, window: null })).toBe(true);
    for (const wrong of [
      { availabilityPerMille: 1001 },
      { availabilityPerMille: 99.5 },
      { window: -1 },
      { until: 1 },
    ]) {
      expect(v.is(InstructorCommand, { ...PROMISE, ...wrong })).toBe(false);
    }
  });

  test('is kept by the recording and by the state of the class', () => {
    const header = headerFor('etcd', 3);
    const entries = [{ seq: 1, at: 100, command: PROMISE, ref: null }];
    const { recording, damage } = readRecording(recordingText({ header, entries }));
    expect(damage).toBeNull();
    expect(promisedIn(recording?.entries ?? [])).toEqual({ availability: 0.99, window: 500 });
    const fold = new Fold(header);
    for (const entry of entries) fold.apply(entry);
    expect(fold.class.promised).toEqual({ availabilityPerMille: 990, window: 500 });
    expect(new Fold(header, fold.save()).class.promised).toEqual(fold.class.promised);
  });

  test('leaves a class that promises nothing as it always was', () => {
    expect(Object.keys(new Fold(headerFor('etcd', 3)).class)).not.toContain('promised');
  });
});
