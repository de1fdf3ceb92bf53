import { describe, expect, test } from 'vitest';
import { operationRows, toCsv } from '../../client/src/judge/csv.ts';
import { revealFor } from '../../client/src/judge/fates.ts';
import { carryOut, type Order, type Report, type Script } from '../../client/src/judge/orders.ts';
import { keyMinutes } from '../../client/src/report/key-minutes.ts';
import { pack, unpack } from '../../client/src/report/packed.ts';
import { reportHtml } from '../../client/src/report/report.ts';
import type { Moment } from '../../client/src/state/moments.ts';
import { recordingText } from '../../client/src/judge/recording-text.ts';
import type { Objectives } from '../../shared/checker/scorecard.ts';
import type { Command } from '../../shared/recording/command.ts';
import { readRecording } from '../../shared/recording/read.ts';
import { systemOf } from '../../shared/recording/setup.ts';
import { NO_CHANGE } from '../../shared/recording/what-if.ts';
import { headerFor } from '../support/recordings.ts';

const NONE = { availability: null, window: null };

function scriptOf(
  system: string,
  until: number,
  commands: readonly [at: number, command: Command][],
): Script {
  const header = { ...headerFor(system, 5), groups: { A: ['n1', 'n2', 'n3'], B: ['n4', 'n5'] } };
  const entries = commands.map(([at, command], index) => ({ seq: index + 1, at, command, ref: null }));
  return { header, entries, until };
}

function write(node: string, value: string): Command {
  return { kind: 'operate', node, operation: { kind: 'write', key: 'x', value } };
}

function read(node: string): Command {
  return { kind: 'operate', node, operation: { kind: 'read', key: 'x' } };
}

const CUT: Command = { kind: 'cut', from: { group: 'A' }, to: { group: 'B' }, oneWay: false };
const HEAL: Command = { kind: 'heal', between: null };

/** Both sides of a cut write; afterwards one of them is read from the other. */
const CLASS: readonly [number, Command][] = [
  [3000, write('n1', 'a')],
  [5000, CUT],
  [8000, write('n1', 'b')],
  [12_000, write('n4', 'c')],
  [16_000, read('n2')],
  [30_000, HEAL],
  [50_000, read('n5')],
];

function reports(order: Order): Report[] {
  const heard: Report[] = [];
  carryOut(order, (report) => heard.push(report));
  return heard;
}

function judged(script: Script, objectives: Objectives = NONE) {
  const last = reports({ kind: 'judge', script, objectives }).at(-1);
  if (last?.kind !== 'judged') throw new Error(JSON.stringify(last));
  return last.judged;
}

describe('the judge of a run', () => {
  test('etcd keeps its word: linearizable, and refuses on the smaller side', () => {
    const { judgement } = judged(scriptOf('etcd', 60_000, CLASS), { availability: 0.9, window: 1000 });
    const verdicts = new Map(judgement.verdicts.map(({ consistency, verdict }) => [consistency, verdict]));
    expect(verdicts.get('linearizable')).toBe('ok');
    expect(judgement.mishaps).toEqual([]);
    expect(judgement.scorecard.splitBrain).toEqual([]);
    const sides = judgement.scorecard.sides.map(({ name, tally }) => [name, tally.ok, tally.info]);
    expect(sides).toContainEqual(['A', 2, 0]);
    expect(sides).toContainEqual(['B', 0, 1]);
    expect(judgement.objectives).toEqual({ availability: 'broken', window: 'kept' });
  });

  test('Dynamo takes both writes: broken when the other side reads, with seats, times and the cut', () => {
    const { judgement, operations } = judged(scriptOf('dynamo', 60_000, CLASS));
    const linearizable = judgement.verdicts.find(({ consistency }) => consistency === 'linearizable');
    const stale = operations.find(({ kind, node }) => kind === 'read' && node === 'n2');
    expect(linearizable).toMatchObject({ verdict: 'violated', at: stale?.returned });
    expect(linearizable?.story).toMatch(
      /n2 read b at 16\.\d+ s, after n4's write of c .* the cut made at 5\.00 s/,
    );
    expect(linearizable?.witness).toContain(stale?.id);
    expect(judgement.stale).toEqual([stale?.id]);
    expect(judgement.mishaps.map(({ kind }) => kind)).toContain('concurrent values');
    expect(judgement.scorecard.splitBrain).toEqual([{ from: 5000, until: 30_000 }]);
    expect(judgement.verdicts.find(({ consistency }) => consistency === 'causal')?.verdict).toBe('ok');
    const plural = operations.find(({ node }) => node === 'n5');
    const sequential = judgement.verdicts.find(({ consistency }) => consistency === 'sequential');
    expect(sequential).toMatchObject({ verdict: 'violated', at: plural?.returned, witness: [plural?.id] });
  });

  test('a write that was acknowledged and is gone is found in what replicas hold', () => {
    const { judgement, operations } = judged(
      scriptOf('last-write-wins', 60_000, [
        [3000, write('n1', 'a')],
        [4000, { kind: 'skew', node: 'n4', offset: -3_600_000 }],
        [10_000, write('n4', 'b')],
        [40_000, read('n4')],
      ]),
    );
    const gone = operations.find(({ value }) => value === 'b');
    expect(judgement.lost).toEqual([gone?.id]);
    expect(judgement.scorecard.everybody.lost).toBe(1);
  });

  test('nothing asked is not tested', () => {
    const { judgement } = judged(scriptOf('etcd', 5000, []), { availability: 0.9, window: 1000 });
    expect(new Set(judgement.verdicts.map(({ verdict }) => verdict))).toEqual(new Set(['vacuous']));
    expect(judgement.objectives).toEqual({ availability: 'not tested', window: 'not tested' });
  });

  test('a run that cannot be is told, not thrown', () => {
    const script = scriptOf('etcd', 5000, []);
    const broken = { ...script, header: { ...script.header, system: 'abacus' } };
    expect(reports({ kind: 'judge', script: broken, objectives: NONE }).at(-1)?.kind).toBe('failed');
  });
});

describe('other runs', () => {
  test('a changed run is judged, and its recording opens again', () => {
    const script = scriptOf('etcd', 60_000, CLASS);
    const heard = reports({
      kind: 'what-if',
      script,
      change: { ...NO_CHANGE, without: [2] },
      objectives: NONE,
    });
    const last = heard.at(-1);
    if (last?.kind !== 'other') throw new Error(JSON.stringify(last));
    expect(last.other.judgement.scorecard.everybody.availability).toBe(1);
    expect(last.other.difference).toMatchObject({ at: 5000 });
    const { script: changed } = last.other;
    if (changed === null) throw new Error('nothing was replaced');
    const { recording, damage } = readRecording(recordingText(changed));
    expect(damage).toBeNull();
    expect(recording?.entries).toEqual(changed.entries);
  });
});

describe('what a student is shown', () => {
  test('each operation has what it told and what became of it', () => {
    const script = scriptOf('etcd', 60_000, CLASS);
    const { judgement, operations } = judged(script);
    const [revealed] = revealFor('n4', operations, judgement, systemOf(script.header));
    expect(revealed).toMatchObject({ fate: 'unknown' });
    expect(revealed?.why).not.toBeNull();
    const dynamo = scriptOf('dynamo', 60_000, CLASS);
    const other = judged(dynamo);
    const [stale] = revealFor('n2', other.operations, other.judgement, systemOf(dynamo.header));
    expect(stale?.fate).toBe('stale');
    expect(stale?.why).toContain('n4');
  });
});

describe('what is taken along', () => {
  const script = scriptOf('etcd', 20_000, [
    [3000, write('n1', '=HYPERLINK("http://evil")')],
    [4000, read('n1')],
  ]);

  test('a CSV whose cells no spreadsheet takes for a formula', () => {
    const rows = [['=1+1', '+1', '-2', '@SUM(A1)', '\t=1', '12', '-12.5', 'a "b", c', '\r=1', '-a']];
    expect(toCsv(rows)).toBe(
      '\uFEFF"\'=1+1","\'+1","-2","\'@SUM(A1)","\'\t=1","12","-12.5","a ""b"", c","\'\r=1","\'-a"\r\n',
    );
  });

  test('names are in it only when they are told', () => {
    const { judgement, operations } = judged(script);
    const [head, first] = operationRows(operations, judgement, { n1: 'Ada' });
    expect(head).toContain('Person');
    expect(first).toContain('Ada');
    expect(operationRows(operations, judgement, null)[0]).not.toContain('Person');
  });

  test('a report that needs nothing else, with what people wrote as text', () => {
    const content = { script: scriptOf('etcd', 20_000, [[3000, write('n1', '<img src=x>')]]), moments: [] };
    const judgedRun = judged(content.script);
    const html = reportHtml({ ...content, judged: judgedRun, names: null, figures: [], replay: null });
    expect(html).toContain('write x = &lt;img src=x&gt;');
    expect(html).not.toContain('<img');
    expect(html).not.toMatch(/<script|https?:|src=(?!x)|<link/);
  });
  test('a report encloses the replay as one script that cannot end early', async () => {
    const script = scriptOf('etcd', 20_000, CLASS);
    const text = recordingText(script);
    const recording = await pack(text);
    expect(recording.packing).toBe('gzip');
    expect(await unpack(recording)).toBe(text);
    expect(await unpack({ packing: 'plain', text: btoa('as it is') })).toBe('as it is');
    const replay = {
      script: 'const a = "</script><!--";',
      style: 'a::before { content: "</style>" }',
      recording,
    };
    const content = { script, judged: judged(script), moments: [], names: null, figures: [], replay };
    const html = reportHtml(content);
    expect(html.match(/<\/script>/g)).toHaveLength(2);
    expect(html.match(/<\/style>/g)).toHaveLength(3);
    expect(html).not.toContain('<!--');
  });

  test('key minutes: the first of each kind of turn, told once, in order', () => {
    const moment = (at: number, sign: Moment['sign']): Moment => ({ at, sign, node: null, text: sign ?? '' });
    const moments = [
      moment(1000, 'leader'),
      moment(9000, 'cut'),
      moment(9500, null),
      moment(10_000, 'no-quorum'),
      moment(30_000, 'heal'),
      moment(40_000, 'cut'),
    ];
    const minutes = keyMinutes(moments, 50_000);
    expect(minutes.map(({ view }) => view)).toEqual([
      { from: 200, until: 3400 },
      { from: 8200, until: 12_400 },
      { from: 29_200, until: 32_400 },
    ]);
    expect(minutes[1]?.moments.map(({ sign }) => sign)).toEqual(['cut', 'no-quorum']);
    expect(keyMinutes([], 50_000)).toEqual([]);
  });
});
