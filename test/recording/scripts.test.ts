import { describe, expect, test } from 'vitest';
import type { Line } from '../../shared/recording/codec.ts';
import { verifyRecording } from '../../shared/recording/verify.ts';
import { compileScript } from '../../shared/scripts/compile.ts';
import { outcomeOf } from '../../shared/scripts/outcome.ts';
import { runScript } from '../../shared/scripts/run.ts';
import { parseScript, ScriptError } from '../../shared/scripts/script.ts';
import { recordingOf } from '../support/recordings.ts';

const base = {
  system: 'etcd',
  seed: 1,
  nodes: 3,
  groups: { left: ['n1'], right: ['n2', 'n3'] },
  steps: [] as object[],
  until: 5000,
};

/** The commands that steps become. */
function commands(...steps: object[]): object[] {
  const script = parseScript(JSON.stringify({ ...base, steps: steps.map((step) => ({ at: 1, ...step })) }));
  return compileScript(script).entries.map(({ command }) => command);
}

function complaintOf(change: object): string {
  try {
    runScript(parseScript(JSON.stringify({ ...base, ...change })));
  } catch (error) {
    if (error instanceof ScriptError) return error.message;
    throw error;
  }
  return 'nothing';
}

describe('what steps become', () => {
  test('a cut between groups, lists and single nodes, both ways or one way', () => {
    expect(
      commands(
        { do: 'cut', between: ['left', 'right'] },
        { do: 'cut', between: [['n1'], 'right'] },
        { do: 'cut', from: 'n1', to: ['n3'] },
      ),
    ).toEqual([
      { kind: 'cut', from: { group: 'left' }, to: { group: 'right' }, oneWay: false },
      { kind: 'cut', from: { nodes: ['n1'] }, to: { group: 'right' }, oneWay: false },
      { kind: 'cut', from: { nodes: ['n1'] }, to: { nodes: ['n3'] }, oneWay: true },
    ]);
  });

  test('a heal of everything, or of what it selects', () => {
    const between = { from: { group: 'left' }, to: { nodes: ['n2'] }, oneWay: false };
    expect(commands({ do: 'heal' }, { do: 'heal', between: ['left', ['n2']] })).toEqual([
      { kind: 'heal', between: null },
      { kind: 'heal', between },
    ]);
  });

  test('shares become parts per million', () => {
    expect(commands({ do: 'link', from: ['n1'], to: 'right', delay: 70, loss: 0.3, duplicate: 1 })).toEqual([
      {
        kind: 'link',
        from: { nodes: ['n1'] },
        to: { group: 'right' },
        oneWay: true,
        delay: 70,
        loss: 300_000,
        duplication: 1_000_000,
      },
    ]);
  });

  test('steps are done by time; those of one time in the order of the script', () => {
    const steps = [5, 1, 5, 1].map((at, index) => ({ at, do: 'write', node: 'n1', key: 'x', value: index }));
    const compiled = compileScript(parseScript(JSON.stringify({ ...base, steps })));
    expect(compiled.places).toEqual([1, 3, 0, 2].map((index) => `steps[${index}]`));
    expect(compiled.entries.map(({ seq, at }) => [seq, at])).toEqual([
      [1, 1],
      [2, 1],
      [3, 5],
      [4, 5],
    ]);
  });

  test('a cause does what the real thing does', () => {
    const left: object = { group: 'left' };
    const everybody = { nodes: ['n1', 'n2', 'n3'] };
    expect(
      commands(
        { do: 'cause', cause: 'data-centre-outage', from: 'right' },
        { do: 'cause', cause: 'undersea-cable-cut', between: ['left', 'right'] },
        { do: 'cause', cause: 'firewall-rule', from: 'left', to: 'right' },
        { do: 'cause', cause: 'dns-failure', from: 'left' },
      ),
    ).toEqual([
      { kind: 'crash', node: 'n2', disk: 'kept' },
      { kind: 'crash', node: 'n3', disk: 'kept' },
      { kind: 'cut', from: left, to: { group: 'right' }, oneWay: false },
      { kind: 'cut', from: left, to: { group: 'right' }, oneWay: true },
      { kind: 'cut', from: left, to: everybody, oneWay: true, traffic: 'clients' },
    ]);
  });

  test('distances are links from the start; the far side of the world is far', () => {
    const script = { ...base, steps: [], distances: 'us-eu-asia' };
    const { entries } = compileScript(parseScript(JSON.stringify(script)));
    expect(entries.map(({ at, command }) => [at, 'delay' in command && command.delay])).toEqual([
      [0, 1],
      [0, 40],
      [0, 1],
    ]);
  });

  test('a load is drawn from the seed alone', () => {
    const script = { ...base, steps: [], load: { from: 100, until: 500, every: 100 } };
    const { entries } = compileScript(parseScript(JSON.stringify(script)));
    expect(entries.map(({ at }) => at)).toEqual([100, 200, 300, 400, 500]);
    const again = compileScript(parseScript(JSON.stringify({ ...script, steps: [{ at: 1, do: 'heal' }] })));
    expect(again.entries.slice(1).map(({ command }) => command)).toEqual(
      entries.map(({ command }) => command),
    );
  });

  test('nodes by number or by name', () => {
    const named = parseScript(JSON.stringify({ ...base, nodes: ['a', 'b'], groups: {} }));
    expect(compileScript(named).header.nodes).toEqual(['a', 'b']);
    expect(compileScript(parseScript(JSON.stringify(base))).header.nodes).toEqual(['n1', 'n2', 'n3']);
  });
});

const read = { at: 1, do: 'read', node: 'n1', key: 'x' };

describe('what is wrong is named', () => {
  test.each([
    [{ sytem: 'etcd' }, 'sytem: there is no such field'],
    [{ system: 'mongo' }, 'system: there is no system mongo'],
    [{ system: undefined }, 'system: is missing'],
    [{ workload: 'warehouse' }, 'workload: there is no workload warehouse'],
    [{ knobs: { speed: 1 } }, 'knobs.speed: etcd has no such setting; it has heartbeatMs'],
    [{ knobs: { heartbeatMs: 'fast' } }, 'knobs.heartbeatMs: "fast" is not a whole number from'],
    [{ seed: 'x' }, 'seed: must be a number, not "x"'],
    [{ seed: -1 }, 'seed: must be a whole number from 0 to 4294967295'],
    [{ seed: 0.5 }, 'seed: must be a whole number'],
    [{ seed: undefined }, 'seed: is missing'],
    [{ until: undefined }, 'until: is missing'],
    [{ until: 1e12 }, 'until: must be a whole number from 0 to 86400000'],
    [{ nodes: 0 }, 'nodes: must be a whole number from 1 to 1000'],
    [{ nodes: ['a', 'a'] }, 'nodes: every node must have a name of its own'],
    [{ nodes: ['leader'] }, 'nodes: no node may be called leader'],
    [{ groups: { left: ['n9'] } }, 'groups.left: there is no node n9'],
    [{ groups: { n1: ['n1'] } }, 'groups.n1: is the name of a node as well'],
    [{ groups: { '<b>': [] } }, 'groups.<b>: must be a name'],
    [{ steps: {} }, 'steps: must be a list, not Object'],
  ])('%j', (change, complaint) => {
    expect(complaintOf(change)).toContain(complaint);
  });

  test.each([
    [{ ...read, node: 'n9' }, 'steps[1].node: there is no node n9'],
    [{ ...read, nod: 'n1' }, 'steps[1].nod: there is no such field'],
    [{ ...read, key: undefined }, 'steps[1].key: is missing'],
    [{ ...read, key: 'toString' }, 'steps[1].key: must be a name'],
    [{ ...read, value: 1 }, 'steps[1].value: there is no such field'],
    [{ ...read, at: 6000 }, 'steps[1].at: 6000 is after the end of the script, 5000'],
    [{ ...read, at: 'soon' }, 'steps[1].at: must be a number, not "soon"'],
    [{ ...read, do: 'reed' }, 'steps[1].do: "reed" is not one of read, write, delete'],
    [{ ...read, do: undefined }, 'steps[1].do: is missing'],
    [
      { ...read, options: { quorum: 1 } },
      'steps[1].options.quorum: etcd has no such option; it has member, consistency',
    ],
    [{ ...read, options: { consistency: 'some' } }, '"some" is not one of linearizable, serializable'],
    [
      { at: 1, do: 'delete', node: 'n1', key: 'x', options: { consistency: 'serializable' } },
      'steps[1].options.consistency: is for read only, not for delete',
    ],
    [{ at: 1, do: 'write', node: 'n1', key: 'x' }, 'steps[1].value: is missing'],
    [{ at: 1, do: 'write', node: 'n1', key: 'x', value: 0.5 }, 'steps[1].value'],
    [{ at: 1, do: 'cut' }, 'steps[1].between: is missing'],
    [{ at: 1, do: 'cause', cause: 'dns-failure' }, 'steps[1].from: is missing, where the dns-failure is'],
    [
      { at: 1, do: 'cause', cause: 'congestion', from: 'left' },
      'steps[1].between: is missing, a congestion lies between two places',
    ],
    [
      { at: 1, do: 'shape', shape: 'ring' },
      'steps[1].shape: a ring needs at least 4 nodes, and there are 3, at 1',
    ],
    [{ at: 1, do: 'cut', between: ['left'] }, 'steps[1].between: must have two sides'],
    [{ at: 1, do: 'cut', between: ['left', 'west'] }, 'steps[1].between[1]: there is no group west'],
    [{ at: 1, do: 'cut', between: ['left', ['n2', 'n9']] }, 'steps[1].between[1][1]: there is no node n9'],
    [{ at: 1, do: 'cut', between: ['left', 'right'], to: 'n1' }, 'steps[1].to: does not go with between'],
    [{ at: 1, do: 'cut', from: 'left' }, 'steps[1].to: is missing'],
    [{ at: 1, do: 'heal', to: 'left' }, 'steps[1].from: is missing'],
    [{ at: 1, do: 'link', from: 'n1', to: 'n2' }, 'steps[1]: a link needs at least one of delay'],
    [{ at: 1, do: 'link', from: 'n1', to: 'n2', loss: 2 }, 'steps[1].loss: must be a share from 0 to 1'],
    [{ at: 1, do: 'skew', node: 'n1' }, 'steps[1].offset: is missing'],
    [{ at: 7, do: 'restart', node: 'n1' }, 'steps[1].node: n1 is up already, at 7'],
    [
      JSON.parse('{"at":1,"do":"heal","__proto__":{}}') as object,
      'steps[1].__proto__: there is no such field',
    ],
  ])('%j', (step, complaint) => {
    expect(complaintOf({ steps: [{ at: 0, do: 'heal' }, step] })).toContain(complaint);
  });

  test('a system without a leader has none to isolate', () => {
    const steps = [{ at: 1, do: 'isolate', node: 'leader' }];
    expect(complaintOf({ system: 'dynamo', steps })).toBe('steps[0].node: dynamo has no leader');
    expect(complaintOf({ steps })).toBe('nothing');
  });

  test.each(['', '{', '[]', 'null', '7'])('%j is no script', (text) => {
    expect(() => parseScript(text)).toThrow(ScriptError);
  });
});

describe('a run', () => {
  const split = parseScript(
    JSON.stringify({
      ...base,
      steps: [
        { at: 2500, do: 'write', node: 'n1', key: 'x', value: 'a' },
        { at: 3000, do: 'crash', node: 'n3' },
        { at: 3000, do: 'write', node: 'n3', key: 'x', value: 'b' },
      ],
      until: 61_000,
    }),
  );

  test('is told in full, and the same every time', () => {
    const outcome = outcomeOf(runScript(split));
    expect(Object.keys(outcome)).toEqual([
      ...['system', 'seed', 'hash', 'operations', 'nodes', 'leaders', 'messages', 'events'],
    ]);
    expect(outcome.nodes['n1']).toEqual({
      up: true,
      role: expect.any(String) as string,
      term: 1,
      data: { x: 'a' },
    });
    expect(outcome.nodes['n3']).toEqual({ up: false, role: 'down', term: 1, data: { x: 'a' } });
    expect(outcome.operations.map(({ id, class: how }) => [id, how])).toEqual([
      ['n1-1', 'ok'],
      ['n3-1', 'fail'],
    ]);
    expect(JSON.stringify(outcomeOf(runScript(split)))).toBe(JSON.stringify(outcome));
  });

  test('written down it is a recording with checkpoints to the end, which folds to the same', () => {
    const lines: Line[] = [];
    const fold = runScript(split, (line) => lines.push(line));
    const recording = recordingOf(lines);
    expect(recording.checkpoints.map(({ at }) => at)).toEqual([
      10_000, 20_000, 30_000, 40_000, 50_000, 60_000, 61_000,
    ]);
    expect(recording.checkpoints.at(-1)?.digest).toBe(fold.digest());
    expect(verifyRecording(recording)).toBeNull();
  });

  test('several values under a key are told as such', () => {
    const steps = [
      { at: 0, do: 'cut', between: ['left', 'right'] },
      { at: 1000, do: 'write', node: 'n1', key: 'x', value: 'a' },
      { at: 1000, do: 'write', node: 'n2', key: 'x', value: 'b' },
      { at: 9000, do: 'heal' },
    ];
    const knobs = { n: 3, r: 1, w: 1 };
    const script = parseScript(JSON.stringify({ ...base, system: 'dynamo', knobs, steps, until: 60_000 }));
    const { values } = outcomeOf(runScript(script)).nodes['n3']?.data['x'] as { values: string[] };
    expect(values.sort()).toEqual(['a', 'b']);
  });
});
