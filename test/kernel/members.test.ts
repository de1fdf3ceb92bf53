import { describe, expect, test } from 'vitest';
import { assess } from '../../shared/classroom/situation.ts';
import { compileScript } from '../../shared/scripts/compile.ts';
import { runScript } from '../../shared/scripts/run.ts';
import { parseScript, type Script } from '../../shared/scripts/script.ts';

const script = (changes: object): Script =>
  parseScript(
    JSON.stringify({
      system: 'etcd',
      seed: 1,
      nodes: 4,
      spares: ['n4'],
      steps: [],
      until: 20_000,
      ...changes,
    }),
  );

describe('members that come and go', () => {
  test('a spare machine counts to no quorum until it has joined', () => {
    const before = assess(runScript(script({ until: 8000 })));
    expect(before.sides[0]?.text).toContain('3 of 3');
    const after = runScript(script({ steps: [{ at: 10_000, do: 'join', node: 'n4' }] }));
    expect(after.world.operations).toMatchObject([{ kind: 'join', key: 'n4', node: 'n1', class: 'ok' }]);
    expect(assess(after).sides[0]?.text).toContain('4 of 4');
    expect(after.world.view('n4').role).toBe('follower');
  });

  test('a region server that was started in HBase is unloaded by the master before it stops', () => {
    const steps = [
      { at: 10_000, do: 'join', node: 'n4' },
      { at: 40_000, do: 'leave', node: 'n3' },
    ];
    const { world } = runScript(script({ system: 'hbase', steps, until: 80_000 }));
    expect(world.operations).toMatchObject([
      { kind: 'join', key: 'n4', node: 'n1', class: 'ok' },
      { kind: 'leave', key: 'n3', node: 'n1', class: 'ok' },
    ]);
    expect(world.view('n3').data).toEqual({});
    expect(world.view('n4').role).toBe('follower');
  });

  test('the tool runs at the first member that the script has up, and not at the node that is to leave', () => {
    const steps = [
      { at: 1, do: 'crash', node: 'n2' },
      { at: 10_000, do: 'leave', node: 'n1' },
      { at: 12_000, do: 'join', node: 'n4', via: 'n3' },
    ];
    const asked = compileScript(script({ steps })).entries.map(({ command }) =>
      command.kind === 'operate' ? [command.node, command.operation.kind, command.operation.key] : [],
    );
    expect(asked).toEqual([[], ['n3', 'leave', 'n1'], ['n3', 'join', 'n4']]);
  });

  test.each([
    [{ spares: ['n9'] }, 'spares: there is no node n9'],
    [{ spares: ['n1', 'n2', 'n3', 'n4'] }, 'spares: every node is a spare, and somebody must be a member'],
    [{ system: 'last-write-wins' }, 'spares: last-write-wins has no change of members here'],
    [{ steps: [{ at: 1, do: 'join', node: 'n9' }] }, 'steps[0].node: there is no node n9'],
    [{ steps: [{ at: 1, do: 'join', node: 'n4', via: 'n9' }] }, 'steps[0].via: there is no node n9'],
  ])('%o is refused by name', (changes, message) => {
    expect(() => compileScript(script(changes))).toThrow(message);
  });
});
