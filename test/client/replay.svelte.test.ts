import { expect, test } from 'vitest';
import { openText } from '../../client/src/screens/replay/open.ts';
import { ReplayRun } from '../../client/src/state/replay.svelte.ts';
import { CHAIN_START, encodeLine, type Line } from '../../shared/recording/codec.ts';
import type { Command, Entry } from '../../shared/recording/command.ts';
import { Fold } from '../../shared/recording/fold.ts';
import type { Header } from '../../shared/recording/header.ts';
import {
  Checkpointer,
  checkpointLine,
  entryLine,
  headerLine,
  type Recording,
} from '../../shared/recording/recording.ts';

const HEADER: Header = {
  format: 'quorum-call',
  version: 1,
  engine: 1,
  id: 'replayed',
  opened: null,
  system: 'etcd',
  knobs: {},
  workload: 'key-value',
  seed: 3,
  nodes: ['n1', 'n2', 'n3', 'n4', 'n5'],
  groups: { A: ['n1', 'n2', 'n3'], B: ['n4', 'n5'] },
  network: { delay: 10, jitter: 5 },
};

/** A class of 40 seconds: a write, a cut, a real disconnection, a heal. A checkpoint each 10 seconds. */
function record(): Recording {
  const commands: [at: number, command: Command][] = [
    [3000, { kind: 'operate', node: 'n1', operation: { kind: 'write', key: 'colour', value: 'red' } }],
    [8000, { kind: 'cut', from: { group: 'A' }, to: { group: 'B' }, oneWay: false }],
    [9000, { kind: 'seat', node: 'n4', by: 'student' }],
    [12_000, { kind: 'presence', node: 'n4', is: 'away' }],
    [15_000, { kind: 'presence', node: 'n4', is: 'here' }],
    [25_000, { kind: 'heal', between: null }],
    [40_000, { kind: 'end' }],
  ];
  const entries = commands.map(([at, command], index): Entry => ({ seq: index + 1, at, command, ref: null }));
  const fold = new Fold(HEADER);
  const checkpointer = new Checkpointer(null);
  const recording: Recording = { header: HEADER, entries: [], checkpoints: [] };
  for (const entry of entries) {
    for (let at = 10_000 * (recording.checkpoints.length + 1); at < entry.at; at += 10_000) {
      fold.advance(at);
      recording.checkpoints.push(checkpointer.take(fold));
    }
    fold.apply(entry);
    recording.entries.push(entry);
  }
  return recording;
}

/** Nobody changes it: folding it is most of what these tests cost. */
const RECORDING = record();

function asText({ header, entries, checkpoints }: Recording): string {
  const lines: Line[] = [headerLine(header)];
  const rest = [...checkpoints];
  for (const entry of entries) {
    while (rest[0] !== undefined && rest[0].seq < entry.seq) lines.push(checkpointLine(rest.shift()!));
    lines.push(entryLine(entry));
  }
  let chain = CHAIN_START;
  return lines
    .map((line) => {
      const encoded = encodeLine(line, chain);
      chain = encoded.chain;
      return `${encoded.text}\n`;
    })
    .join('');
}

function digestAt(at: number): string {
  const fold = new Fold(HEADER);
  for (const entry of RECORDING.entries) if (entry.at <= at) fold.apply(entry);
  if (at > fold.now) fold.advance(at);
  return fold.digest();
}

test('it opens at the beginning, with everything that will happen already on the scrubber', () => {
  const run = new ReplayRun(RECORDING);
  expect(run.history).toBeNull();
  run.tick(0, () => 0);
  expect(run.at).toBe(0);
  expect(run.end).toBe(40_000);
  const signs = run.moments.map(({ sign }) => sign);
  expect(signs).toContain('cut');
  expect(signs).toContain('heal');
  expect(signs).toContain('leader');
  expect(run.absences).toEqual([{ node: 'n4', from: 12_000, until: 15_000 }]);
});

test('any moment shows the same, whichever way it was reached', () => {
  const run = new ReplayRun(RECORDING);
  for (const at of [24_999, 5000, 25_000, 0]) {
    run.seek(at);
    expect(run.fold.digest(), `at ${at}`).toBe(digestAt(at));
  }
  run.seek(12_000);
  for (let i = 0; i < 5; i++) run.stepBy(100);
  run.stepBy(-200);
  expect(run.fold.digest()).toBe(digestAt(12_300));
});

test('a moment beyond either end is that end', () => {
  const run = new ReplayRun(RECORDING);
  run.seek(1e9);
  expect(run.at).toBe(40_000);
  run.seek(-5);
  expect(run.at).toBe(0);
});

test('playing goes with real time and the chosen speed, and stops at the end', () => {
  const run = new ReplayRun(RECORDING);
  const play = (ms: number, from: number): void => {
    for (let now = from; now <= from + ms; now += 20) run.tick(now, () => 0);
  };
  run.toggle();
  play(2000, 0);
  expect(run.fold.now).toBe(2000);
  run.pace = 10;
  play(2000, 2000);
  expect(run.fold.now).toBeGreaterThan(21_000);
  play(4000, 4000);
  expect(run.at).toBe(40_000);
  expect(run.playing).toBe(false);
  run.toggle();
  expect(run.at).toBe(0);
});

test('a step goes to the next instant at which something happens', () => {
  const run = new ReplayRun(RECORDING);
  run.seek(5000);
  const { events } = run.fold.world.counts;
  run.stepEvent();
  expect(run.fold.world.counts.events).toBeGreaterThan(events);
  expect(run.at).toBeLessThan(5200);
});

test('what a node knows is its own replica and whom it heard from, never a cut', () => {
  const run = new ReplayRun(RECORDING);
  run.seenBy = 'n4';
  run.seek(20_000);
  expect(run.picture?.bundles[0]?.state).toBe('cut');
  const knowledge = run.knowledge;
  expect(knowledge?.picture.bundles).toEqual([]);
  const heard = new Map(knowledge?.heard.map(({ node, ago }) => [node, ago]));
  expect(heard.get('n5')).toBeLessThan(5000);
  expect(heard.get('n1')).toBeNull();
  expect(knowledge?.view.data['colour']?.values).toEqual(['red']);
  run.seenBy = null;
  expect(run.knowledge).toBeNull();
});

test('the survey compares every digest: an honest recording passes, another one is told', () => {
  const finish = (run: ReplayRun): void => {
    for (let now = 0; run.surveyed < 1 && now < 1e5; now += 20) run.tick(now, () => 0);
  };
  const honest = new ReplayRun(RECORDING);
  finish(honest);
  expect(honest.disagreement).toBeNull();
  const recording = RECORDING;
  const checkpoints = recording.checkpoints.map((checkpoint, index) =>
    index === 1 ? { ...checkpoint, digest: '0123456789abcdef' } : checkpoint,
  );
  const forged = new ReplayRun({ ...recording, checkpoints });
  finish(forged);
  expect(forged.disagreement?.at).toBe(20_000);
});

test('an entry that cannot be carried out is where the replay stops, and it says so', () => {
  const restart = { seq: 4, at: 12_000, command: { kind: 'restart', node: 'n1' }, ref: null } as const;
  const entries = RECORDING.entries.map((entry) => (entry.seq === 4 ? restart : entry));
  const run = new ReplayRun({ ...RECORDING, entries });
  run.playing = true;
  for (let now = 0; run.playing && now < 1e5; now += 100) run.tick(now, () => now);
  expect(run.at).toBe(12_000);
  expect(run.disagreement).toMatchObject({ at: 12_000, seq: 4 });
  expect(run.disagreement?.message).toContain('the command is refused');
  run.seek(15_000);
  expect(run.at).toBe(12_000);
});

test('a file is played as far as it is whole, and what is wrong is said in words', () => {
  const text = asText(RECORDING);
  expect(openText(text)).toMatchObject({ complaint: null });
  const torn = openText(text.slice(0, -20));
  expect(torn.run?.recording.entries).toHaveLength(6);
  expect(torn.complaint).toMatch(/Line \d+.*6 entries before it/);
});

test('files that are no recordings are refused in words', () => {
  for (const text of [
    '',
    'hello',
    '{}',
    '\u0000\u0001',
    '[1,2,3]\n',
    '{"line":"header"}\n',
    '['.repeat(5000),
  ]) {
    const opened = openText(text);
    expect(opened.run, text.slice(0, 20)).toBeNull();
    expect(opened.complaint).not.toBe('');
  }
  const strange = encodeLine(headerLine({ ...HEADER, system: 'no-such-system' }), CHAIN_START).text;
  expect(openText(`${strange}\n`)).toMatchObject({
    run: null,
    complaint: expect.stringContaining('no-such-system') as string,
  });
});
