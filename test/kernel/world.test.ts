import { describe, expect, test } from 'vitest';
import type { ClusterCommand } from '../../shared/sim/command.ts';
import type { Output, Shape } from '../../shared/sim/protocol.ts';
import type { TimelineEvent } from '../../shared/sim/timeline.ts';
import { World } from '../../shared/sim/world.ts';
import { cut, notesOf, operate, toySetup } from '../support/toy.ts';

/** A busy quarter of a minute with every kind of fault. */
const script: readonly (readonly [at: number, command: ClusterCommand])[] = [
  [0, operate('n1', 'write', 'red')],
  [20, cut(['n1'], ['n2', 'n3'])],
  [25, operate('n1', 'write', 'green')],
  [30, { kind: 'pause', node: 'n2' }],
  [35, operate('n3', 'read', undefined, { at: 'n2' })],
  [40, { kind: 'heal', between: null }],
  [41, { kind: 'link', from: { nodes: ['n1'] }, to: { nodes: ['n2'] }, oneWay: false, loss: 400_000 }],
  [60, { kind: 'crash', node: 'n3', disk: 'kept' }],
  [90, { kind: 'resume', node: 'n2' }],
  [100, { kind: 'skew', node: 'n1', offset: -40 }],
  [120, { kind: 'restart', node: 'n3' }],
  [130, operate('n3', 'write', 'blue')],
  [150, { kind: 'isolate', node: 'leader' }],
  [180, { kind: 'undo', fault: 3 }],
];
const END = 260;

const setup = toySetup({ beatMs: 17, idleMs: 23, delay: 7, jitter: 9, seed: 5, connections: true });

function run(world: World, from = 0): World {
  for (const [at, command] of script.slice(from)) {
    world.advance(at);
    world.apply(command);
  }
  world.advance(END);
  return world;
}

describe('determinism', () => {
  test('the same setup and commands give the same run', () => {
    expect(run(new World(setup)).digest()).toBe(run(new World(setup)).digest());
  });

  test('another seed gives another run', () => {
    expect(run(new World({ ...setup, seed: 6 })).digest()).not.toBe(run(new World(setup)).digest());
  });

  test('it does not matter in which steps time passes, nor who watches', () => {
    const world = new World(setup);
    const seen: TimelineEvent[] = [];
    world.observe = (event) => seen.push(event);
    world.onInput = () => undefined;
    for (const [at, command] of script) {
      while (world.now < at) world.advance(world.now + 1);
      world.apply(command);
    }
    while (world.now < END) world.advance(world.now + 1);
    expect(world.digest()).toBe(run(new World(setup)).digest());
    expect(seen.length).toBeGreaterThan(100);
  });

  test('stepping event by event is the same as letting time pass', () => {
    const stepped = new World(setup);
    while (stepped.now < 100) stepped.stepEvent();
    const passed = new World(setup);
    passed.advance(stepped.now);
    stepped.advance(stepped.now);
    expect(stepped.digest()).toBe(passed.digest());
  });
});

describe('saving and loading', () => {
  test('a world saved at any point goes on as if it had not been, also through JSON', () => {
    const whole = run(new World(setup)).digest();
    for (let index = 0; index <= script.length; index++) {
      const world = new World(setup);
      for (const [at, command] of script.slice(0, index)) {
        world.advance(at);
        world.apply(command);
      }
      const state = world.save();
      const text = JSON.stringify(state);
      expect(run(World.load(setup, state), index).digest()).toBe(whole);
      expect(run(World.load(setup, JSON.parse(text) as typeof state), index).digest()).toBe(whole);
      // What was saved is not touched by the world that was loaded, nor by the one it came from.
      run(world, index);
      expect(JSON.stringify(state)).toBe(text);
    }
  });

  test('a loaded world has the digest of the saved one, at every millisecond', () => {
    const world = new World(setup);
    for (const [at, command] of script) {
      world.advance(at);
      world.apply(command);
      expect(World.load(setup, world.save()).digest()).toBe(world.digest());
    }
  });

  test('a world is not loaded into another cluster', () => {
    const state = new World(toySetup({ nodes: 2 })).save();
    const other = { ...toySetup({ nodes: 2 }), nodes: ['a', 'b'] };
    expect(() => World.load(other, state)).toThrow('n1');
  });
});

describe('accounts', () => {
  test('every message sent is delivered, lost with a cause, or still under way', () => {
    const world = new World(setup);
    const balance = (): void => {
      const { sent, delivered, lost } = world.counts;
      const gone = lost.cut + lost.loss + lost.down + lost.overflow;
      expect(delivered + gone + world.flights().length).toBe(sent);
    };
    for (const [at, command] of script) {
      while (world.now < at) {
        world.advance(world.now + 1);
        balance();
      }
      world.apply(command);
      balance();
    }
    world.advance(END);
    const { lost } = world.counts;
    expect([lost.cut, lost.loss, lost.down].every((count) => count > 0)).toBe(true);
  });

  test('what is observed is what is counted', () => {
    const world = new World(setup);
    const seen = { sent: 0, delivered: 0, lost: 0 };
    world.observe = ({ kind }) => {
      if (kind in seen) seen[kind as keyof typeof seen]++;
    };
    run(world);
    const { sent, delivered, lost } = world.counts;
    expect(seen).toEqual({ sent, delivered, lost: lost.cut + lost.loss + lost.down + lost.overflow });
  });

  test('the history has every operation in the order of invocation, with its times', () => {
    const world = run(new World(setup));
    expect(world.operations.map(({ id, invoked, class: how }) => [id, invoked, how])).toEqual([
      ['n1-1', 0, 'ok'],
      ['n1-2', 25, 'ok'],
      ['n3-1', 35, 'info'],
      ['n3-2', 130, 'ok'],
    ]);
    expect(world.operations[2]).toMatchObject({ returned: 60, error: 'interrupted', result: null });
  });

  test('who said that it leads is written down', () => {
    expect(new World(toySetup()).leaders).toEqual([{ at: 0, node: 'n1', term: 1 }]);
  });
});

describe('time', () => {
  test('never goes back', () => {
    const world = new World(toySetup());
    world.advance(10);
    expect(() => world.advance(9)).toThrow('time would go back');
  });

  test('must pass: a timer of no length that is set again and again is a fault of the program, not a hang', () => {
    const setup = toySetup({ nodes: 1 });
    const step = (): Output<Shape>[] => [{ kind: 'set-timer', timer: 'again', after: 0 }];
    const world = new World({ ...setup, protocol: { ...setup.protocol, step } });
    expect(() => world.advance(10)).toThrow('more than 100020 events in the instant 0');
  });

  test('things due at the same moment happen in the order in which they were decided', () => {
    const world = new World(toySetup({ nodes: 3, beatMs: 10, delay: 0 }));
    world.advance(10);
    // n2's hello was sent at 10 and arrives at 10: after n3's own timer, which was set at the start.
    expect(notesOf(world, 'n3').map((note) => note.replace(/ \d+$/, ''))).toEqual([
      '0 start',
      '10 timer beat',
      '10 n1: hello 1',
      '10 n2: hello 1',
    ]);
  });
});
