import { describe, expect, test } from 'vitest';
import { canonical } from '../../shared/base/json.ts';
import { CHAIN_START, decodeLine, encodeLine, LineError, type Line } from '../../shared/recording/codec.ts';
import { HeaderError } from '../../shared/recording/setup.ts';
import { headerLine } from '../../shared/recording/recording.ts';
import { readRecording } from '../../shared/recording/read.ts';
import { Replay, ReplayError } from '../../shared/recording/replay.ts';
import { verifyRecording } from '../../shared/recording/verify.ts';
import { headerFor, recordingOf, recordSome, textOf } from '../support/recordings.ts';
import { createChance } from '../support/runs.ts';

const lines = recordSome(headerFor('etcd', 3, 3), 3000, 1000);
const good = textOf(lines);

/** Lines that no program of ours writes, chained as a forger would chain them. */
function forge(list: readonly object[]): string {
  return textOf(list as readonly Line[]);
}

/** A recording with one member of one line changed. */
function changedLine(index: number, change: object): string {
  return forge(lines.map((line, at) => (at === index ? { ...line, ...change } : line)));
}

const entryAt = lines.findIndex(({ line }) => line === 'entry');

test('[E2] what is nested deeply or has a million members is refused, without falling over', () => {
  const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
  const wide = `{${Array.from({ length: 20_000 }, (_, i) => `"k${i}":0`).join(',')}}`;
  for (const line of [deep, `{"line":"entry","chain":"","x":${deep}}`, wide, '{}'.repeat(100_000)]) {
    for (const text of [line, `${line}\n`]) expect(readRecording(text).damage).not.toBeNull();
  }
});

describe('[E4] names that every object inherits', () => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
  const operation = (member: object): object => ({
    command: { kind: 'operate', node: 'n1', operation: { kind: 'write', key: 'x', value: 1, ...member } },
  });

  test.each(names)('%s as node, group or key', (name) => {
    const texts = [
      changedLine(0, { nodes: [name, 'n2', 'n3'] }),
      changedLine(entryAt, operation({ key: name })),
      changedLine(entryAt, { command: { kind: 'crash', node: name, disk: 'kept' } }),
      changedLine(entryAt, { command: { kind: 'group', name, nodes: ['n1'] } }),
    ];
    for (const text of texts) expect(readRecording(text).damage).toMatchObject({ code: 'schema' });
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test('a member __proto__ is part of what the chain covers', () => {
    const { text } = encodeLine(lines[0] as Line, CHAIN_START);
    const smuggled = text.replace('{', '{"__proto__":{"polluted":true},');
    expect(() => decodeLine(smuggled, CHAIN_START)).toThrow(LineError);
    expect(canonical(JSON.parse(smuggled))).toBe(smuggled);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('[E6] numbers', () => {
  test.each(['1e308', '-0', '0.5', '9007199254740993', '-1', '"7"', 'null', 'NaN'])(
    '%s as a time',
    (number) => {
      const text = good.replace(/"at":\d+/, `"at":${number}`);
      expect(readRecording(text).damage).not.toBeNull();
      const forged = changedLine(entryAt, {
        at: number === 'NaN' ? Number.NaN : (JSON.parse(number) as unknown),
      });
      if (number !== '-0') expect(readRecording(forged).damage).toMatchObject({ code: 'schema' });
    },
  );

  test('sequence numbers that jump, and time that goes back', () => {
    expect(readRecording(changedLine(entryAt, { seq: 2 ** 52 })).damage).toMatchObject({ code: 'order' });
    const last = lines.findLastIndex(({ line }) => line === 'entry');
    expect(readRecording(changedLine(last, { at: 0 })).damage).toMatchObject({ code: 'order' });
  });
});

describe('times that nobody could have waited for', () => {
  const far = 24 * 3_600_000 + 1;
  const ahead = (command: object): Line => ({ line: 'entry', seq: 1, at: 5, command, ref: null }) as Line;

  test('an entry, a checkpoint or a horizon more than a day ahead is refused, with what comes after', () => {
    const last = lines.findLastIndex(({ line }) => line === 'entry');
    const until = { kind: 'horizon', until: 5 + far };
    for (const text of [
      changedLine(last, { at: 3000 + far }),
      changedLine(lines.length - 1, { at: 3000 + far }),
      textOf([...lines.slice(0, 1), ahead(until)]),
    ]) {
      const { recording, damage } = readRecording(text);
      expect(damage).toMatchObject({ code: 'order', message: expect.stringContaining('24 hours') as string });
      expect(recording).not.toBeNull();
    }
    expect(
      readRecording(textOf([...lines.slice(0, 1), ahead({ ...until, until: 4 + far })])).damage,
    ).toBeNull();
  });

  test('a seek that would take for ever is given up, and says why', () => {
    const crowd = { ...headerFor('etcd', 5), groups: {} };
    const end = { kind: 'horizon', until: 23 * 3_600_000 } as const;
    const replay = new Replay(recordingOf([headerLine(crowd), ahead(end)]));
    expect(() => replay.seek(replay.end, 20_000)).toThrow('too many events');
  });
});

test('[E7] other kinds of files are refused at their first line', () => {
  for (const text of [
    '',
    '\n',
    'PK\u0003\u0004',
    '\u001f\ufffd\u0008',
    '<html>',
    '{}',
    '[]',
    'null\n',
    '\0'.repeat(1e6),
  ]) {
    expect(readRecording(text)).toMatchObject({ recording: null, damage: { line: 1 } });
  }
});

describe('well-formed recordings that make no sense', () => {
  test.each([
    ['system', { system: 'mongo' }],
    ['knobs', { knobs: { speed: 9 } }],
    ['knobs', { knobs: { heartbeatMs: 0.5 } }],
    ['groups', { groups: { left: ['n9'] } }],
    ['workload', { workload: 'warehouse' }],
  ])('%s: %j is named', (field, change) => {
    const { recording } = readRecording(changedLine(0, change));
    expect(() => recording && new Replay(recording)).toThrow(HeaderError);
    expect(recording && verifyRecording(recording)).toMatchObject({
      line: 1,
      message: expect.stringContaining(field) as string,
    });
  });

  test('a command that cannot be carried out stops the replay and is named', () => {
    const recording = recordingOf([
      ...lines.slice(0, entryAt),
      { line: 'entry', seq: 1, at: 5, command: { kind: 'restart', node: 'n1' }, ref: null },
    ]);
    expect(() => new Replay(recording).seek(10)).toThrow(ReplayError);
    expect(verifyRecording(recording)).toMatchObject({
      line: entryAt + 1,
      message: 'entry 1: the command is refused: node: n1 is up already',
    });
  });

  test.each([
    ['no delta', {}],
    ['a delta that does not fit', { is: 'items', length: 1, change: [], tail: [1] }],
    ['a state that is a text', { is: 'value', value: 'state' }],
    ['a state without a world', { is: 'value', value: { seq: 0, class: {}, world: {} } }],
    [
      'a world without nodes',
      { is: 'members', change: { world: { is: 'members', change: {}, drop: ['nodes'] } }, drop: [] },
    ],
    ['a replica that is empty', replicaDelta({ is: 'value', value: {} })],
    ['a replica that is null', replicaDelta({ is: 'value', value: null })],
  ])('a checkpoint that keeps %s: the entries tell the truth, and verifying finds it', (_, delta) => {
    const index = lines.findIndex(({ line }) => line === 'checkpoint');
    const { recording } = readRecording(changedLine(index, { delta }));
    if (recording === null) throw new Error('the forged recording cannot be read');
    const replay = new Replay(recording);
    const honest = new Replay(recordingOf(lines));
    expect(replay.seek(2900).world.digest()).toBe(honest.seek(2900).world.digest());
    expect(replay.seek(1500).world.digest()).toBe(honest.seek(1500).world.digest());
    expect(replay.disagreement).not.toBeNull();
    expect(verifyRecording(recording)).toMatchObject({ line: index + 1 });
  });

  test('a checkpoint that keeps another state than the fold comes to is found by verifying', () => {
    const index = lines.findIndex(({ line }) => line === 'checkpoint');
    const locked = { is: 'members', change: { locked: { is: 'value', value: true } }, drop: [] };
    const delta = { is: 'members', change: { class: locked }, drop: [] };
    const { recording } = readRecording(changedLine(index, { delta }));
    expect(recording && verifyRecording(recording)).toMatchObject({ line: index + 1 });
  });
});

function replicaDelta(replica: object): object {
  const member = (name: string, delta: object): object => ({
    is: 'members',
    change: { [name]: delta },
    drop: [],
  });
  const first = member('node', member('replica', replica));
  return member('world', member('nodes', { is: 'items', length: 3, change: [[0, first]], tail: [] }));
}

test(
  '[E8] thousands of mutations: nothing but what is valid is read, and nothing falls over',
  { timeout: 60_000 },
  () => {
    const chance = createChance(8);
    const good = textOf(recordSome(headerFor('dynamo', 3, 3), 1200, 600));
    const snippets = [
      '{',
      '}',
      '"',
      ',',
      ':',
      '\n',
      '[',
      'null',
      '1e999',
      '__proto__',
      '\ud800',
      '0',
      '-',
      'é',
      'line',
    ];
    const parts = good.slice(0, -1).split('\n');
    for (let round = 0; round < 1000; round++) {
      let text = good;
      for (let n = 1 + chance(3); n > 0; n--) {
        const at = chance(text.length);
        const snippet = snippets[chance(snippets.length)] ?? '';
        const edits = [
          () => text.slice(0, at) + snippet + text.slice(at),
          () => text.slice(0, at) + text.slice(at + 1 + chance(20)),
          () => text.slice(0, at) + text.slice(chance(text.length)),
          () => text.slice(0, at) + snippet + text.slice(at + snippet.length),
        ];
        text = (edits[chance(edits.length)] ?? (() => text))();
      }
      const { recording, damage, length } = readRecording(text);
      if (text !== good) expect(damage !== null || good.startsWith(text)).toBe(true);
      const read = recording === null ? 0 : 1 + recording.entries.length + recording.checkpoints.length;
      // Whatever was read is, letter for letter, the beginning of the good recording.
      expect(text.slice(0, length).replace(/\n$/, '')).toBe(parts.slice(0, read).join('\n'));
    }
  },
);
