import { describe, expect, test } from 'vitest';
import type { ClusterCommand } from '../../shared/sim/command.ts';
import { World } from '../../shared/sim/world.ts';
import { notesOf, operate, toySetup, TOY_PATIENCE } from '../support/toy.ts';

const crash = (node: string, disk: 'kept' | 'lost' = 'kept'): ClusterCommand => ({
  kind: 'crash',
  node,
  disk,
});
const restart = (node: string): ClusterCommand => ({ kind: 'restart', node });
const pause = (node: string): ClusterCommand => ({ kind: 'pause', node });
const resume = (node: string): ClusterCommand => ({ kind: 'resume', node });

/** A toy replica's notes without its draws. */
function plainNotes(world: World, node: string): string[] {
  return notesOf(world, node).map((note) => note.replace(/ *\d+$/, ''));
}

describe('timers', () => {
  test('setting a name again replaces the timer', () => {
    const world = new World(toySetup({ nodes: 2, idleMs: 40 }));
    world.advance(15);
    // Arrives at 25 and sets n2's timer of 40 anew, to 65.
    world.apply(operate('n1', 'write', 'red'));
    world.advance(100);
    expect(plainNotes(world, 'n2')).toEqual(['0 start', '25 n1: value 0red', '65 timer idle']);
  });

  test('a cancelled timer does not go off; one of the driver has nothing to do with one of the replica', () => {
    const world = new World(toySetup({ nodes: 2, idleMs: 40 }));
    world.apply(operate('n1', 'delete'));
    world.advance(TOY_PATIENCE);
    expect(plainNotes(world, 'n1')).toEqual(['0 start', '0 n1 asks stall']);
    expect(world.operations).toMatchObject([{ class: 'info', error: 'timed out', returned: TOY_PATIENCE }]);
  });
});

describe('a crash', () => {
  test('keeps what was persisted and nothing else', () => {
    const world = new World(toySetup({ beatMs: 10 }));
    world.apply(operate('n1', 'write', 'red'));
    world.advance(35);
    world.apply(crash('n1'));
    world.advance(100);
    world.apply(restart('n1'));
    expect(world.node('n1')).toMatchObject({
      incarnation: 2,
      up: true,
      replica: { value: 'red', hellos: 0 },
    });
    expect(plainNotes(world, 'n1')).toEqual(['100 start']);
  });

  test('with its disk lost the node comes back with nothing', () => {
    const world = new World(toySetup());
    world.apply(operate('n1', 'write', 'red'));
    world.apply(crash('n1', 'lost'));
    world.apply(restart('n1'));
    expect(world.node('n1')).toMatchObject({ incarnation: 2, replica: { value: '' } });
  });

  test('stops the timers, and those of before do not go off after the restart', () => {
    const world = new World(toySetup({ beatMs: 10 }));
    world.advance(5);
    world.apply(crash('n1'));
    world.apply(restart('n1'));
    world.advance(14);
    expect(plainNotes(world, 'n1').filter((note) => note.includes('timer'))).toEqual([]);
    world.advance(15);
    expect(plainNotes(world, 'n1').filter((note) => note.includes('timer'))).toEqual(['15 timer beat']);
  });

  test('ends operations under way as unknown, and refuses new ones', () => {
    const world = new World(toySetup());
    world.apply(operate('n1', 'read', undefined, { at: 'n2' }));
    world.advance(3);
    world.apply(crash('n1'));
    world.apply(operate('n1', 'write', 'red'));
    expect(world.operations).toMatchObject([
      { id: 'n1-1', class: 'info', error: 'interrupted', returned: 3 },
      { id: 'n1-2', class: 'fail', error: 'refused', returned: 3 },
    ]);
  });

  test('an answer to a process that is gone reaches nobody', () => {
    const world = new World(toySetup());
    world.apply(operate('n1', 'read', undefined, { at: 'n2' }));
    world.advance(3);
    world.apply(crash('n1'));
    world.apply(restart('n1'));
    // The new process's first request has the number of the old one's.
    world.apply(operate('n1', 'read', undefined, { at: 'n3' }));
    world.advance(23);
    expect(world.operations).toMatchObject([{ class: 'info' }, { class: 'ok', returned: 23 }]);
  });

  test('loses what arrives while the node is down', () => {
    const world = new World(toySetup());
    world.apply(crash('n2'));
    world.apply(operate('n1', 'write', 'red'));
    world.advance(10);
    world.apply(restart('n2'));
    world.advance(100);
    expect(world.counts.lost.down).toBe(1);
    expect(plainNotes(world, 'n2')).toEqual(['10 start']);
  });

  test('resets connections where the protocol has them: at the crash, and for whoever still sends', () => {
    const world = new World(toySetup({ connections: true }));
    world.apply(crash('n2'));
    world.advance(50);
    world.apply(operate('n1', 'write', 'red'));
    world.advance(100);
    expect(plainNotes(world, 'n3')).toEqual(['0 start', '10 n2 is gone', '60 n1: value 0red']);
    expect(plainNotes(world, 'n1')).toEqual([
      '0 start',
      '10 n2 is gone',
      '50 n1 asks put red',
      '70 n2 is gone',
    ]);
  });

  test('a reset is sent by the network, not by the node, whose own count of messages stays', () => {
    const world = new World(toySetup({ connections: true }));
    world.apply(crash('n2'));
    world.apply(operate('n1', 'write', 'red'));
    world.advance(100);
    expect(world.node('n2').sent).toBe(0);
  });
});

describe('a pause', () => {
  test('freezes the node; what arrived meanwhile is taken in its order afterwards', () => {
    const world = new World(toySetup({ beatMs: 30 }));
    world.apply(pause('n2'));
    world.apply(operate('n1', 'write', 'red'));
    world.advance(15);
    world.apply(operate('n2', 'write', 'blue'));
    world.advance(35);
    expect(plainNotes(world, 'n2')).toEqual(['0 start']);
    world.apply(resume('n2'));
    expect(plainNotes(world, 'n2')).toEqual([
      '0 start',
      '35 n1: value 0red',
      '35 n2 asks put blue',
      '35 timer beat',
    ]);
    expect(world.operations[1]).toMatchObject({ invoked: 35, returned: 35 });
  });

  test('a timer that went off during the pause does nothing when what arrived before it replaces it', () => {
    const world = new World(toySetup({ nodes: 2, idleMs: 40 }));
    world.apply(pause('n2'));
    world.advance(20);
    world.apply(operate('n1', 'write', 'red'));
    world.advance(50);
    world.apply(resume('n2'));
    world.advance(100);
    expect(plainNotes(world, 'n2')).toEqual(['0 start', '50 n1: value 0red', '90 timer idle']);
  });

  test('an answer that waited ends the operation, although its time ran out during the pause', () => {
    const world = new World(toySetup());
    world.apply(operate('n1', 'read', undefined, { at: 'n2' }));
    world.advance(1);
    world.apply(pause('n1'));
    world.advance(2 * TOY_PATIENCE);
    world.apply(resume('n1'));
    expect(world.operations).toMatchObject([{ class: 'ok', returned: 2 * TOY_PATIENCE }]);
  });

  test('a node that crashes while it is paused loses what waited, and refuses the operations among it', () => {
    const world = new World(toySetup());
    world.apply(pause('n2'));
    world.apply(operate('n1', 'write', 'red'));
    world.apply(operate('n2', 'write', 'blue'));
    world.advance(20);
    world.apply(crash('n2'));
    expect(world.operations[1]).toMatchObject({ node: 'n2', class: 'fail', error: 'refused', returned: 20 });
    world.apply(restart('n2'));
    expect(plainNotes(world, 'n2')).toEqual(['20 start']);
    expect(world.node('n2').paused).toBe(false);
  });

  test('a paused node holds back 10,000 messages and loses the rest', () => {
    const world = new World(toySetup({ nodes: 2 }));
    world.apply(pause('n2'));
    for (let i = 0; i < 10_010; i++) world.apply(operate('n1', 'write', 'red'));
    world.advance(100);
    expect(world.counts.lost.overflow).toBe(10);
    world.apply(resume('n2'));
    expect(notesOf(world, 'n2')).toHaveLength(10_001);
  });

  test('a paused node does not count as the leader', () => {
    const world = new World(toySetup());
    expect(world.leader).toBe('n1');
    world.apply(pause('n1'));
    expect(world.leader).toBeNull();
  });
});

describe('a clock', () => {
  test('shows true time plus its skew to its node, and to nobody else', () => {
    const world = new World(toySetup({ nodes: 2, beatMs: 50 }));
    world.apply({ kind: 'skew', node: 'n2', offset: -1000 });
    world.advance(60);
    expect(plainNotes(world, 'n2')).toEqual(['0 start', '-950 timer beat', '-940 n1: hello 1']);
    expect(plainNotes(world, 'n1')).toEqual(['0 start', '50 timer beat', '60 n2: hello 1']);
  });

  test('stays as it is through a restart, and goes on when it is set right', () => {
    const world = new World(toySetup({ nodes: 2 }));
    world.apply({ kind: 'skew', node: 'n2', offset: 300 });
    world.advance(10);
    world.apply(crash('n2'));
    world.apply(restart('n2'));
    expect(plainNotes(world, 'n2')).toEqual(['310 start']);
    world.apply({ kind: 'skew', node: 'n2', offset: 0 });
    world.apply(operate('n2', 'write', 'red'));
    expect(plainNotes(world, 'n2')[1]).toBe('10 n2 asks put red');
  });
});
