import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { ENGINE_VERSION } from '../../shared/recording/header.ts';
import { readRecording } from '../../shared/recording/read.ts';
import { endOf } from '../../shared/recording/recording.ts';
import { Replay } from '../../shared/recording/replay.ts';
import { verifyRecording } from '../../shared/recording/verify.ts';
import { SYSTEMS } from '../../shared/systems/index.ts';

/**
 * Recordings made by former versions, kept as they were written. When a change of the kernel or of a protocol
 * makes one fold differently, ENGINE_VERSION goes up, a golden recording of the new engine is added, and this
 * test says which engines' recordings still fold the same. They are never made anew to please it.
 */
const folder = path.join(import.meta.dirname, '../fixtures/golden');
const files = readdirSync(folder).filter((file) => file.endsWith('.jsonl'));
const expected = JSON.parse(readFileSync(path.join(folder, 'digests.json'), 'utf8')) as Record<
  string,
  string
>;

/** Recordings of a former engine that fold differently now, and why. */
const FOLDED_OTHERWISE = new Map([
  [
    'mongodb-1.jsonl',
    'members know sessions, and one takes over from a primary that cannot catch up with it',
  ],
  ['riak-1.jsonl', 'who gives a connection up tells the other end'],
]);

describe.each([...FOLDED_OTHERWISE.keys()])('the golden recording %s of a former engine', (file) => {
  const { recording, damage } = readRecording(readFileSync(path.join(folder, file), 'utf8'));

  test('is read without a fault, and where it folds differently is said', () => {
    expect(damage).toBeNull();
    expect(recording?.header.engine).toBeLessThan(ENGINE_VERSION);
    expect(recording && verifyRecording(recording)).toMatchObject({
      message: expect.stringContaining('digest') as string,
    });
  });
});

const kept = files.filter((file) => !FOLDED_OTHERWISE.has(file));
describe.each(kept)('the golden recording %s', { timeout: 30_000 }, (file) => {
  const { recording, damage } = readRecording(readFileSync(path.join(folder, file), 'utf8'));

  test('is read without a fault, and everything it claims is so', () => {
    expect(damage).toBeNull();
    expect(recording && verifyRecording(recording)).toBeNull();
  });

  test('folds to the digest it had when it was made', () => {
    if (recording === null) throw new Error('there is no recording');
    expect(new Replay(recording).play(endOf(recording)).world.digest()).toBe(expected[file]);
  });
});

test('there is one of every system', () => {
  expect(files.sort()).toEqual(Object.keys(expected).sort());
  expect(SYSTEMS.filter(({ id }) => !kept.some((file) => file.startsWith(id)))).toEqual([]);
});
