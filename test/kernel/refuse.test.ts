import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { ClusterCommand, type Side } from '../../shared/sim/command.ts';
import { World } from '../../shared/sim/world.ts';
import { cut, operate, toySetup } from '../support/toy.ts';

const n1: Side = { nodes: ['n1'] };
const stranger: Side = { nodes: ['n1', 'n9'] };
const nowhere: Side = { group: 'west' };
const east: Side = { group: 'east' };

/** A world with n1 running, n2 paused and n3 down. */
function world(): World {
  const made = new World(toySetup({ groups: { east: ['n1'] } }));
  made.apply({ kind: 'pause', node: 'n2' });
  made.apply({ kind: 'crash', node: 'n3', disk: 'kept' });
  return made;
}

const refused: readonly (readonly [ClusterCommand, string])[] = [
  [operate('n9', 'read'), 'node: there is no node n9'],
  [cut(['n1'], ['n9']), 'to: there is no node n9'],
  [{ kind: 'cut', from: nowhere, to: n1, oneWay: false }, 'from: there is no group west'],
  [{ kind: 'cut', from: { group: 'toString' }, to: n1, oneWay: false }, 'from: there is no group toString'],
  [{ kind: 'link', from: n1, to: stranger, oneWay: true, delay: 5 }, 'to: there is no node n9'],
  [{ kind: 'heal', between: { from: stranger, to: n1, oneWay: false } }, 'from: there is no node n9'],
  [{ kind: 'heal', between: { from: n1, to: nowhere, oneWay: false } }, 'to: there is no group west'],
  [{ kind: 'shape', shape: 'ring' }, 'shape: a ring needs at least 4 nodes, and there are 3'],
  [{ kind: 'shape', shape: 'halves', nodes: ['n1', 'n9'] }, 'nodes: there is no node n9'],
  [{ kind: 'shape', shape: 'halves', nodes: ['n1', 'n1'] }, 'nodes: n1 is named twice'],
  [{ kind: 'sever', pairs: [['n1', 'n9']] }, 'pairs: there is no node n9'],
  [{ kind: 'sever', pairs: [['n1', 'n1']] }, 'pairs: a node has no link to itself, and n1 is named twice'],
  [{ kind: 'undo', fault: 1 }, 'fault: 1 does not stand'],
  [{ kind: 'isolate', node: 'n9' }, 'node: there is no node n9'],
  [{ kind: 'crash', node: 'n9', disk: 'kept' }, 'node: there is no node n9'],
  [{ kind: 'crash', node: 'n3', disk: 'lost' }, 'node: n3 is down already'],
  [{ kind: 'restart', node: 'n9' }, 'node: there is no node n9'],
  [{ kind: 'restart', node: 'n2' }, 'node: n2 is up already'],
  [{ kind: 'pause', node: 'n9' }, 'node: there is no node n9'],
  [{ kind: 'pause', node: 'n2' }, 'node: n2 is paused already'],
  [{ kind: 'pause', node: 'n3' }, 'node: n3 is down'],
  [{ kind: 'resume', node: 'n9' }, 'node: there is no node n9'],
  [{ kind: 'resume', node: 'n1' }, 'node: n1 is not paused'],
  [{ kind: 'resume', node: 'n3' }, 'node: n3 is not paused'],
  [{ kind: 'skew', node: 'n9', offset: 1 }, 'node: there is no node n9'],
  [{ kind: 'skew', node: 'n3', offset: 1 }, 'node: n3 is down'],
  [{ kind: 'jump', node: 'n9', by: 1 }, 'node: there is no node n9'],
  [{ kind: 'jump', node: 'n3', by: 1 }, 'node: n3 is down'],
  [{ kind: 'group', name: 'west', nodes: ['n1', 'n9'] }, 'nodes: there is no node n9'],
  [{ kind: 'move', node: 'n9', group: 'east' }, 'node: there is no node n9'],
];

const accepted: readonly ClusterCommand[] = [
  operate('n1', 'read'),
  operate('n2', 'read'),
  operate('n3', 'read'),
  { kind: 'cut', from: east, to: { nodes: ['n2'] }, oneWay: true },
  cut(['n1'], ['n1']),
  { kind: 'link', from: n1, to: east, oneWay: false, loss: 1 },
  { kind: 'heal', between: null },
  { kind: 'heal', between: { from: east, to: n1, oneWay: false } },
  { kind: 'isolate', node: 'leader' },
  { kind: 'isolate', node: 'n3' },
  { kind: 'crash', node: 'n1', disk: 'kept' },
  { kind: 'crash', node: 'n2', disk: 'lost' },
  { kind: 'restart', node: 'n3' },
  { kind: 'pause', node: 'n1' },
  { kind: 'resume', node: 'n2' },
  { kind: 'skew', node: 'n2', offset: -5 },
  { kind: 'skew', node: 'n2', offset: 0, drift: 1000 },
  { kind: 'jump', node: 'n2', by: -5 },
  { kind: 'shape', shape: 'bridge' },
  { kind: 'sever', pairs: [['n1', 'n2']], flap: { down: 1, up: 1 } },
  { kind: 'group', name: 'west', nodes: [] },
  { kind: 'move', node: 'n3', group: 'west' },
];

describe('commands that cannot be carried out', () => {
  test.each(refused)('%j', (command, reason) => {
    const made = world();
    const before = made.digest();
    expect(made.refuse(command)).toBe(reason);
    expect(() => made.apply(command)).toThrow(reason);
    expect(made.digest()).toBe(before);
  });

  test('every kind of command is refused somewhere above', () => {
    const kinds = new Set(refused.map(([command]) => command.kind));
    expect(
      ClusterCommand.options.map(({ entries }) => entries.kind.literal).filter((kind) => !kinds.has(kind)),
    ).toEqual([]);
  });
});

describe('commands that can', () => {
  test.each(accepted)('%j', (command) => {
    expect(v.is(ClusterCommand, command)).toBe(true);
    const made = world();
    expect(made.refuse(command)).toBeNull();
    made.apply(command);
    made.advance(1000);
  });

  test('undo, while the fault stands and not after it was healed', () => {
    const made = world();
    made.apply(cut(['n1'], ['n2']));
    expect(made.refuse({ kind: 'undo', fault: 1 })).toBeNull();
    made.apply({ kind: 'heal', between: null });
    expect(made.refuse({ kind: 'undo', fault: 1 })).toBe('fault: 1 does not stand');
  });
});

describe('the schema of commands', () => {
  const wrong: readonly unknown[] = [
    null,
    { kind: 'explode' },
    { ...operate('n1', 'read'), more: 1 },
    { kind: 'operate', node: '__proto__', operation: { kind: 'read', key: 'x' } },
    { kind: 'operate', node: 'n1', operation: { kind: 'read', key: 'constructor' } },
    { kind: 'operate', node: 'n1', operation: { kind: 'write', key: 'x', value: 0.5 } },
    { kind: 'operate', node: 'n1', operation: { kind: 'write', key: 'x', value: 2 ** 53 } },
    { kind: 'operate', node: 'n1', operation: { kind: 'write', key: 'x', value: Number.NaN } },
    { kind: 'operate', node: 'n1', operation: { kind: 'write', key: 'x', value: 'v'.repeat(201) } },
    { kind: 'operate', node: 'n1', operation: { kind: 'write', key: 'x', value: ['a'] } },
    { kind: 'cut', from: { nodes: [] }, to: n1, oneWay: false },
    { kind: 'cut', from: { nodes: ['n1'], group: 'east' }, to: n1, oneWay: false },
    { kind: 'link', from: n1, to: n1, oneWay: false, loss: 1_000_001 },
    { kind: 'link', from: n1, to: n1, oneWay: false, delay: -1 },
    { kind: 'skew', node: 'n1', offset: 1e308 },
    { kind: 'crash', node: 'n1', disk: 'eaten' },
    { kind: 'group', name: '<img>', nodes: [] },
  ];

  test.each(wrong)('%j is none', (command) => {
    expect(v.is(ClusterCommand, command)).toBe(false);
  });
});
