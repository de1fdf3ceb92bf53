import { describe, expect, test } from 'vitest';
import type { Command } from '../../shared/recording/command.ts';
import { HeaderError } from '../../shared/recording/setup.ts';
import type { Recording } from '../../shared/recording/recording.ts';
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
    expect(again.recording?.entries).toEqual(recording.entries);
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
    const undone = other.recording?.entries.find(({ command }) => command.kind === 'undo');
    expect(undone?.command).toEqual({ kind: 'undo', fault: 1 });
    const none = whatIf(CLASS, UNTIL, { ...NO_CHANGE, without: [3] });
    expect(none.skipped.map(({ seq }) => seq)).toEqual([4]);
  });

  test('what the changed run refuses is left out and listed', () => {
    const { skipped, recording } = whatIf(CLASS, UNTIL, { ...NO_CHANGE, without: [6] });
    expect(skipped).toMatchObject([{ seq: 7, at: 14_000 }]);
    expect(skipped[0]?.reason).toContain('n2');
    expect(recording?.entries.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('a cut that comes later', () => {
    const other = whatIf(CLASS, UNTIL, { ...NO_CHANGE, moved: [{ seq: 2, at: 15_000 }] });
    expect(outcomes(other)).toEqual(['ok', 'ok']);
  });

  test('another system, whose recording plays by itself; and settings that cannot be', () => {
    const other = whatIf(CLASS, UNTIL, { ...NO_CHANGE, system: 'dynamo' });
    if (other.recording === null) throw new Error('it is one system from beginning to end');
    expect(other.recording.header.system).toBe('dynamo');
    expect(new Replay(other.recording).seek(UNTIL).digest()).toBe(other.fold.digest());
    expect(() => whatIf(CLASS, UNTIL, { ...NO_CHANGE, system: 'abacus' })).toThrow(HeaderError);
    expect(() => whatIf(CLASS, UNTIL, { ...NO_CHANGE, knobs: { colour: 'red' } })).toThrow(HeaderError);
  });
});

/** What the run was like just before a time: entries of that very time have not taken effect. */
function digestBefore(run: Pick<Recording, 'header' | 'entries'>, at: number): string {
  const entries = run.entries.filter((entry) => entry.at < at);
  return new Replay({ header: run.header, entries, checkpoints: [] }).seek(at).digest();
}

describe('a what-if from a moment on', () => {
  const recording = recordingOf(recordSome(headerFor('etcd', 5, 7), UNTIL, 10_000));

  test.each([1, 9000, 14_321, UNTIL])('without a change is the identical run: %i', (from) => {
    const again = whatIf(recording, UNTIL, { ...NO_CHANGE, from });
    expect(again.fold.digest()).toBe(new Replay(recording).seek(UNTIL).digest());
    expect(again.difference).toBeNull();
    expect(again.recording?.entries).toEqual(recording.entries);
  });

  test('before the moment the run is identical, and what was asked after it is asked again', () => {
    const from = 6500;
    const other = whatIf(CLASS, UNTIL, { ...NO_CHANGE, from, without: [2, 6, 7] });
    if (other.recording === null) throw new Error('nothing was replaced');
    expect(digestBefore(other.recording, from)).toBe(digestBefore(CLASS, from));
    expect(other.difference).toMatchObject({ at: from, now: 'command: undo' });
    // The cut of n3 ended at the moment, so that its write at ten seconds succeeds.
    expect(outcomes(other)).toEqual(['ok', 'ok']);
    expect(other.operations.map(({ invoked }) => invoked)).toEqual([3000, 10_000]);
    expect(new Replay(other.recording).seek(UNTIL).digest()).toBe(other.fold.digest());
  });

  test('a fault that comes later is left out or moved, but to no time before the moment', () => {
    const left = whatIf(CLASS, UNTIL, { ...NO_CHANGE, from: 11_000, without: [6] });
    expect(left.difference).toMatchObject({ at: 12_000, was: 'command: crash' });
    const moved = whatIf(CLASS, UNTIL, { ...NO_CHANGE, from: 11_000, moved: [{ seq: 6, at: 2000 }] });
    expect(moved.recording?.entries.find(({ command }) => command.kind === 'crash')?.at).toBe(11_000);
  });

  test('another system takes over: the same past, its data, links and people, and other answers after it', () => {
    const from = 9000;
    const looks: string[] = [];
    const other = whatIf(
      CLASS,
      UNTIL,
      { ...NO_CHANGE, from, system: 'dynamo' },
      { look: ({ header, now }) => looks.push(`${header.system} ${now < from ? 'before' : 'from'}`) },
    );
    expect(new Set(looks)).toEqual(new Set(['etcd before', 'dynamo from']));
    expect(other.handedOver).toEqual({ carried: 1, missed: 0 });
    expect(other.recording).toBeNull();
    expect(other.difference?.at).toBeGreaterThanOrEqual(from);
    // The minority's write: unknown under etcd, refused by a store that needs two of three.
    expect(other.operations.map(({ id, class: outcome }) => [id, outcome])).toEqual([
      ['n1-1', 'ok'],
      ['n3-1', 'fail'],
    ]);
    expect(other.fold.world.view('n3').data['x']?.values).toContain('a');
    expect(other.fold.world.faults).toEqual([]);
    const before = whatIf(CLASS, from, { ...NO_CHANGE, from, system: 'dynamo' });
    expect(before.fold.world.view('n3').data['x']?.values).toEqual(['a']);
    expect(before.fold.world.faults).toHaveLength(1);
  });

  test('other settings take over in the same way, wherever nodes are down or paused', () => {
    const other = whatIf(CLASS, 13_000, { ...NO_CHANGE, from: 13_000, knobs: { heartbeatMs: 50 } });
    expect(other.handedOver?.missed).toBe(0);
    expect(other.fold.world.node('n2').up).toBe(false);
    expect(other.fold.world.node('n1').up).toBe(true);
  });

  test('ids stay unique over the change', () => {
    const other = whatIf(recording, UNTIL, { ...NO_CHANGE, from: 15_000, system: 'mongodb' });
    const ids = other.operations.map(({ id }) => id);
    expect(ids.length).toBeGreaterThan(20);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
