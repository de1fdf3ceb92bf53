import { describe, expect, test } from 'vitest';
import type { Command } from '../../shared/recording/command.ts';
import { HeaderError } from '../../shared/recording/setup.ts';
import { Replay } from '../../shared/recording/replay.ts';
import { NO_CHANGE, whatIf } from '../../shared/recording/what-if.ts';
import { headerFor, record, recordingOf, recordSome } from '../support/recordings.ts';

const UNTIL = 30_000;
const write = (node: string, value: string, key = 'x'): Command => {
  return { kind: 'operate', node, operation: { kind: 'write', key, value } };
};
const cut = (from: string[], to: string[]): Command => {
  return { kind: 'cut', from: { nodes: from }, to: { nodes: to }, oneWay: false };
};

/** A write on the side of one that a cut leaves alone, and two faults of which the second is undone. */
const CLASS = recordingOf(
  record(
    headerFor('etcd', 3),
    [
      { at: 3000, command: write('n1', 'a') },
      { at: 5000, command: cut(['n3'], ['n1', 'n2']) },
      { at: 6000, command: cut(['n1'], ['n2']) },
      { at: 7000, command: { kind: 'undo', fault: 2 } },
      { at: 10_000, command: write('n3', 'b') },
      { at: 12_000, command: { kind: 'crash', node: 'n2', disk: 'kept' } },
      { at: 14_000, command: { kind: 'restart', node: 'n2' } },
      { at: 20_000, command: { kind: 'heal', between: null } },
    ],
    UNTIL,
    10_000,
  ),
);

function outcomes(run: { fold: { world: { operations: readonly { class: string }[] } } }): string[] {
  return run.fold.world.operations.map((operation) => operation.class);
}

describe('a what-if', () => {
  test.each(['etcd', 'dynamo'])('without a change is the identical run: %s', (system) => {
    const recording = recordingOf(recordSome(headerFor(system, 5, 7), UNTIL, 10_000));
    const again = whatIf(recording, UNTIL, NO_CHANGE);
    expect(again.fold.digest()).toBe(new Replay(recording).seek(UNTIL).digest());
    expect(again.skipped).toEqual([]);
    expect(again.difference).toBeNull();
    expect(again.recording.entries).toEqual(recording.entries);
  });

  test('without a cut: what had failed succeeds, and the runs differ from the cut on', () => {
    expect(outcomes(whatIf(CLASS, UNTIL, NO_CHANGE))).toEqual(['ok', 'info']);
    const other = whatIf(CLASS, UNTIL, { ...NO_CHANGE, without: [2] });
    expect(outcomes(other)).toEqual(['ok', 'ok']);
    expect(other.difference).toMatchObject({ at: 5000, was: 'command: cut' });
    expect(other.skipped).toEqual([]);
  });

  test('an undo takes back the fault that it meant, though its number is another', () => {
    const other = whatIf(CLASS, UNTIL, { ...NO_CHANGE, without: [2] });
    const undone = other.recording.entries.find(({ command }) => command.kind === 'undo');
    expect(undone?.command).toEqual({ kind: 'undo', fault: 1 });
    const none = whatIf(CLASS, UNTIL, { ...NO_CHANGE, without: [3] });
    expect(none.skipped.map(({ seq }) => seq)).toEqual([4]);
  });

  test('what the changed run refuses is left out and listed', () => {
    const { skipped, recording } = whatIf(CLASS, UNTIL, { ...NO_CHANGE, without: [6] });
    expect(skipped).toMatchObject([{ seq: 7, at: 14_000 }]);
    expect(skipped[0]?.reason).toContain('n2');
    expect(recording.entries.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('a cut that comes later', () => {
    const other = whatIf(CLASS, UNTIL, { ...NO_CHANGE, moved: [{ seq: 2, at: 15_000 }] });
    expect(outcomes(other)).toEqual(['ok', 'ok']);
  });

  test('another system, whose recording plays by itself; and settings that cannot be', () => {
    const other = whatIf(CLASS, UNTIL, { ...NO_CHANGE, system: 'dynamo' });
    expect(other.recording.header.system).toBe('dynamo');
    expect(new Replay(other.recording).seek(UNTIL).digest()).toBe(other.fold.digest());
    expect(() => whatIf(CLASS, UNTIL, { ...NO_CHANGE, system: 'abacus' })).toThrow(HeaderError);
    expect(() => whatIf(CLASS, UNTIL, { ...NO_CHANGE, knobs: { colour: 'red' } })).toThrow(HeaderError);
  });
});
