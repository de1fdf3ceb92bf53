import { describe, expect, test } from 'vitest';
import type { ClusterCommand, Side } from '../../shared/sim/command.ts';
import type { TimelineEvent } from '../../shared/sim/timeline.ts';
import { World } from '../../shared/sim/world.ts';
import { cut, notesOf, operate, toySetup } from '../support/toy.ts';

const heal = (from: Side, to: Side, oneWay = false): ClusterCommand => ({
  kind: 'heal',
  between: { from, to, oneWay },
});
const nodes = (...names: string[]): Side => ({ nodes: names });
const group = (name: string): Side => ({ group: name });

/** The directed links that are cut, as `n1>n2`. */
function cuts(world: World): string[] {
  const names = world.setup.nodes;
  return names.flatMap((from) => names.filter((to) => world.isCut(from, to)).map((to) => `${from}>${to}`));
}

/** What happened to the messages from n1 to n2. */
function fates(world: World): string[] {
  const list: string[] = [];
  world.observe = (event: TimelineEvent) => {
    if (event.kind === 'delivered' && event.flight.to === 'n2') list.push(`${event.at} delivered`);
    if (event.kind === 'lost' && event.flight.to === 'n2') list.push(`${event.at} ${event.cause}`);
  };
  return list;
}

describe('a message and a cut', () => {
  test('sent into a cut link it is lost at once', () => {
    const world = new World(toySetup());
    const seen = fates(world);
    world.apply(cut(['n1'], ['n2']));
    world.advance(5);
    world.apply(operate('n1', 'write', 'red'));
    world.apply({ kind: 'heal', between: null });
    world.advance(100);
    expect(seen).toEqual(['5 cut']);
  });

  test('in flight when the link is cut, it is lost if the link is still cut when it would arrive', () => {
    const world = new World(toySetup());
    const seen = fates(world);
    world.apply(operate('n1', 'write', 'red'));
    world.advance(5);
    world.apply(cut(['n1'], ['n2']));
    world.advance(100);
    expect(seen).toEqual(['10 cut']);
  });

  test('in flight over a link that was cut and healed in time, it arrives', () => {
    const world = new World(toySetup());
    const seen = fates(world);
    world.apply(operate('n1', 'write', 'red'));
    world.advance(2);
    world.apply(cut(['n1'], ['n2']));
    world.advance(8);
    world.apply({ kind: 'heal', between: null });
    world.advance(100);
    expect(seen).toEqual(['10 delivered']);
  });

  test('one way: the other direction stays up', () => {
    const world = new World(toySetup());
    world.apply(cut(['n1'], ['n2'], true));
    expect(cuts(world)).toEqual(['n1>n2']);
    world.apply(operate('n2', 'write', 'red'));
    world.advance(100);
    expect(notesOf(world, 'n1')).toHaveLength(2);
  });
});

describe('faults of the network', () => {
  test('overlap: a link is up again when nothing cuts it any more', () => {
    const world = new World(toySetup());
    world.apply(cut(['n1'], ['n2', 'n3']));
    world.apply(cut(['n1', 'n2'], ['n3'], true));
    expect(cuts(world)).toEqual(['n1>n2', 'n1>n3', 'n2>n1', 'n2>n3', 'n3>n1']);
    world.apply({ kind: 'undo', fault: 1 });
    expect(cuts(world)).toEqual(['n1>n3', 'n2>n3']);
    world.apply({ kind: 'undo', fault: 2 });
    expect(cuts(world)).toEqual([]);
    expect(world.faults).toEqual([]);
  });

  test('heal with selectors brings up exactly those links, whichever faults had cut them', () => {
    const world = new World(toySetup({ nodes: 4 }));
    world.apply(cut(['n1', 'n2'], ['n3', 'n4']));
    world.apply({ kind: 'isolate', node: 'n1' });
    world.apply(heal(nodes('n1'), nodes('n3')));
    expect(world.isCut('n1', 'n3') || world.isCut('n3', 'n1')).toBe(false);
    expect(cuts(world)).toHaveLength(2 * 4);
    world.apply(heal(nodes('n1'), nodes('n4'), true));
    expect([world.isCut('n1', 'n4'), world.isCut('n4', 'n1')]).toEqual([false, true]);
    world.apply(heal(nodes('n1', 'n2'), nodes('n1', 'n2', 'n3', 'n4')));
    expect(cuts(world)).toEqual([]);
    expect(world.faults).toEqual([]);
  });

  test('heal without selectors brings up everything and leaves the quality of links', () => {
    const world = new World(toySetup());
    world.apply(cut(['n1'], ['n2']));
    world.apply({ kind: 'isolate', node: 'n3' });
    world.apply({ kind: 'link', from: nodes('n1'), to: nodes('n2'), oneWay: true, delay: 70 });
    world.apply({ kind: 'heal', between: null });
    expect(cuts(world)).toEqual([]);
    expect(world.faults.map(({ kind }) => kind)).toEqual(['link']);
    expect(world.quality('n1', 'n2').delay).toBe(70);
  });

  test('a cut after a heal cuts again', () => {
    const world = new World(toySetup({ groups: { a: ['n1'], b: ['n2', 'n3'] } }));
    const between: ClusterCommand = { kind: 'cut', from: group('a'), to: group('b'), oneWay: false };
    world.apply(between);
    world.apply(heal(nodes('n1'), nodes('n2')));
    world.apply(between);
    expect(cuts(world)).toHaveLength(4);
    world.apply(heal(group('b'), group('a')));
    expect([cuts(world), world.faults]).toEqual([[], []]);
  });

  test('a cut between groups follows whoever is in them', () => {
    const world = new World(toySetup({ groups: { a: ['n1'], b: ['n2'] } }));
    world.apply({ kind: 'cut', from: group('a'), to: group('b'), oneWay: false });
    expect(cuts(world)).toEqual(['n1>n2', 'n2>n1']);
    world.apply({ kind: 'move', node: 'n3', group: 'a' });
    expect(cuts(world)).toEqual(['n1>n2', 'n2>n1', 'n2>n3', 'n3>n2']);
    world.apply({ kind: 'move', node: 'n1', group: 'b' });
    expect(cuts(world)).toEqual(['n1>n3', 'n2>n3', 'n3>n1', 'n3>n2']);
    world.apply({ kind: 'group', name: 'b', nodes: [] });
    expect(cuts(world)).toEqual([]);
    world.apply({ kind: 'move', node: 'n2', group: 'c' });
    expect(world.groups).toEqual({ a: ['n3'], b: [], c: ['n2'] });
  });

  test('isolate takes a node from all others; the leader is whoever leads then', () => {
    const world = new World(toySetup());
    world.apply({ kind: 'isolate', node: 'leader' });
    expect(world.faults).toMatchObject([{ id: 1, kind: 'isolate', node: 'n1' }]);
    expect(cuts(world)).toEqual(['n1>n2', 'n1>n3', 'n2>n1', 'n3>n1']);
  });

  test('isolate the leader while nobody leads changes nothing', () => {
    const world = new World(toySetup());
    world.apply({ kind: 'crash', node: 'n1', disk: 'kept' });
    world.apply({ kind: 'isolate', node: 'leader' });
    expect(world.faults).toEqual([]);
  });

  test('qualities of a link compose: later settings win, each undone by itself', () => {
    const world = new World(toySetup());
    const link = { kind: 'link', from: nodes('n1'), to: nodes('n2'), oneWay: true } as const;
    world.apply({ ...link, to: nodes('n2', 'n3'), delay: 70, loss: 5 });
    world.apply({ ...link, delay: 90 });
    expect(world.quality('n1', 'n2')).toEqual({ delay: 90, jitter: 0, loss: 5, duplication: 0 });
    expect(world.quality('n2', 'n1').delay).toBe(10);
    world.apply({ kind: 'undo', fault: 1 });
    expect(world.quality('n1', 'n2')).toEqual({ delay: 90, jitter: 0, loss: 0, duplication: 0 });
    world.apply({ kind: 'undo', fault: 2 });
    expect(world.quality('n1', 'n2').delay).toBe(10);
  });

  test('setting the very same links again takes the place of what was set before', () => {
    const world = new World(toySetup());
    const link = { kind: 'link', from: nodes('n1'), to: nodes('n2'), oneWay: true } as const;
    world.apply({ ...link, delay: 70, loss: 5 });
    world.apply({ ...link, delay: 90 });
    expect(world.faults).toMatchObject([{ id: 2, quality: { delay: 90, loss: 5 } }]);
  });

  test('a shape is one fault: healed in part, undone as a whole', () => {
    const world = new World(toySetup({ nodes: 4 }));
    world.apply({ kind: 'shape', shape: 'star', nodes: ['n3', 'n1', 'n2', 'n4'] });
    expect(cuts(world)).toEqual(['n1>n2', 'n1>n4', 'n2>n1', 'n2>n4', 'n4>n1', 'n4>n2']);
    world.apply(heal(nodes('n1'), nodes('n2', 'n4')));
    expect(cuts(world)).toEqual(['n2>n4', 'n4>n2']);
    world.apply({ kind: 'undo', fault: 1 });
    expect(cuts(world)).toEqual([]);
  });

  test('any set of directed links can be severed', () => {
    const world = new World(toySetup());
    world.apply({
      kind: 'sever',
      pairs: [
        ['n1', 'n2'],
        ['n3', 'n1'],
      ],
    });
    expect(cuts(world)).toEqual(['n1>n2', 'n3>n1']);
  });

  test('a flapping cut is down and up in turn, from when it was made', () => {
    const world = new World(toySetup());
    world.advance(7);
    world.apply({ ...cut(['n1'], ['n2']), flap: { down: 30, up: 20 } });
    const down = [7, 36, 37, 56, 57, 86, 87].map((at) => {
      world.advance(at);
      return world.isCut('n1', 'n2');
    });
    expect(down).toEqual([true, true, false, false, true, true, false]);
    expect(world.wholeSince).toBeNull();
  });

  test('a firewall stops what clients say and lets replicas talk, or the reverse', () => {
    const world = new World(toySetup());
    world.apply({ ...cut(['n1'], ['n2']), traffic: 'clients' });
    expect([world.isCut('n1', 'n2'), world.isCut('n1', 'n2', 'clients')]).toEqual([false, true]);
    world.apply({ ...cut(['n1'], ['n3']), traffic: 'replicas' });
    expect([world.isCut('n1', 'n3'), world.isCut('n1', 'n3', 'clients')]).toEqual([true, false]);
  });

  test('the time since which the network is whole: 0 at first, null while any link is cut', () => {
    const world = new World(toySetup());
    expect(world.wholeSince).toBe(0);
    world.advance(5);
    world.apply(cut(['n1'], ['n2'], true));
    expect(world.wholeSince).toBeNull();
    world.advance(9);
    world.apply({ kind: 'heal', between: null });
    expect(world.wholeSince).toBe(9);
    world.advance(12);
    world.apply({ kind: 'link', from: nodes('n1'), to: nodes('n2'), oneWay: true, delay: 70 });
    expect(world.wholeSince).toBe(9);
  });
});
