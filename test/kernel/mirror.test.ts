import { describe, expect, test } from 'vitest';
import { Mirror } from '../../shared/sim/mirror.ts';
import type { Setup } from '../../shared/sim/setup.ts';
import { World } from '../../shared/sim/world.ts';
import { SYSTEMS } from '../../shared/systems/index.ts';
import { flatten, unflatten, type FlatInputs } from '../../shared/wire/frame.ts';
import { packMirror, unpackMirror, type SeatMirror } from '../../shared/wire/seat.ts';
import { createChance, lifetimeOf, liveThrough, setupOfSystem } from '../support/runs.ts';
import { cut, operate, toySetup } from '../support/toy.ts';

/** A node as a browser is given it: what the world has of it and of nothing else. */
function packed(world: World, node: string): SeatMirror {
  const operations = world.operations.filter((operation) => operation.node === node);
  const counts = { events: 0, sent: 0, delivered: 0, lost: { cut: 0, loss: 0, down: 0, overflow: 0 } };
  const ledger = { operations, leaders: [], counts };
  return packMirror(world.setup, { node: world.node(node), now: world.now, heard: {}, ledger });
}

function mirrorOf(world: World, node: string): Mirror {
  const arrived = JSON.parse(JSON.stringify(packed(world, node))) as SeatMirror;
  return new Mirror(world.setup, unpackMirror(world.setup, arrived));
}

/** Keeps a mirror of every node over the wire, and compares it after every single input. */
function follow(world: World): { mirrors: Map<string, Mirror>; check: () => void; compared: () => number } {
  const mirrors = new Map(world.setup.nodes.map((node) => [node, mirrorOf(world, node)]));
  let touched: string | null = null;
  let compared = 0;
  const check = (): void => {
    if (touched === null) return;
    compared++;
    if (mirrors.get(touched)?.digest() !== world.nodeDigest(touched)) {
      throw new Error(`${touched}'s mirror differs at ${world.now}, after ${compared} inputs`);
    }
    touched = null;
  };
  world.onInput = (node, input) => {
    check();
    const flat: unknown[] = [];
    flatten(input, flat);
    for (const arrived of unflatten(JSON.parse(JSON.stringify(flat)) as FlatInputs)) {
      mirrors.get(node)?.take(arrived);
    }
    touched = node;
  };
  return { mirrors, check, compared: () => compared };
}

const setups: readonly (readonly [string, Setup])[] = [
  ['toy with connections', toySetup({ beatMs: 90, idleMs: 150, jitter: 9, connections: true, nodes: 4 })],
  ...SYSTEMS.map((system) => [system.id, setupOfSystem(system, 5, 77)] as const),
];

describe.each(setups)("a student's mirror of a node: %s", { timeout: 30_000 }, (name, setup) => {
  test('agrees with the server after every input, through every fault', () => {
    for (const seed of [1, 2]) {
      const world = new World({ ...setup, seed });
      const followed = follow(world);
      liveThrough(world, lifetimeOf(name, 12_000), createChance(seed));
      followed.check();
      expect(followed.compared()).toBeGreaterThan(200);
    }
  });

  test('taken over in the middle of a run it goes on the same, with its open operations', () => {
    const world = new World(setup);
    liveThrough(world, 4000, createChance(9));
    const followed = follow(world);
    liveThrough(world, 9000, createChance(10));
    followed.check();
    for (const [node, mirror] of followed.mirrors) {
      expect(mirror.operations).toEqual(world.operations.filter((operation) => operation.node === node));
      expect(mirror.view).toEqual(world.view(node));
    }
  });

  test('saved and made again it goes on the same', () => {
    const world = new World(setup);
    const mirrors = new Map(world.setup.nodes.map((node) => [node, mirrorOf(world, node)]));
    world.onInput = (node, input) => {
      const text = JSON.stringify(mirrors.get(node)?.save());
      const again = new Mirror(world.setup, JSON.parse(text) as ReturnType<Mirror['save']>);
      again.take(input);
      mirrors.set(node, again);
    };
    liveThrough(world, 3000, createChance(11));
    for (const [node, mirror] of mirrors) expect(mirror.digest()).toBe(world.nodeDigest(node));
  });
});

describe('what a mirror shows', () => {
  test('whom it heard from and when, what it sent, and how operations ended', () => {
    const world = new World(toySetup());
    const { mirrors } = follow(world);
    const seen: string[] = [];
    const mirror = mirrors.get('n2') as Mirror;
    mirror.observe = (event) => seen.push(`${event.at} ${event.kind}`);
    world.apply(cut(['n3'], ['n2']));
    world.apply(operate('n1', 'write', 'red'));
    world.apply(operate('n3', 'write', 'blue'));
    world.advance(30);
    world.apply(operate('n2', 'write', 'green'));
    world.advance(60);
    mirror.advance(60);
    expect(mirror.heard).toEqual({ n1: 10 });
    expect(seen).toEqual(['10 heard', '30 sent', '30 sent', '30 finished']);
    expect(mirror.now).toBe(60);
  });
});

/** Every heartbeat or tick of everybody is news: a few digits for each node of the class. */
const GOSSIPING = ['cassandra', 'riak'];
/** Nodes that keep little of each other to begin with; HBase's first three keep ZooKeeper's log besides. */
const SMALL: Readonly<Record<string, number>> = { zookeeper: 1000, hbase: 5000 };
/** Who knows of at most 49 others, but of each its whole standing, however large the class. */
const MEMBERS_ONLY: Readonly<Record<string, number>> = { mongodb: 50 * 300, ...SMALL };

describe.each(SYSTEMS.map((system) => [system.id, system] as const))(
  'a seat of %s on the wire',
  (_, system) => {
    test('does not grow with what a large class has not done yet', () => {
      const world = new World(setupOfSystem(system, 60, 5));
      world.advance(20_000);
      const size = (values: readonly unknown[]) => JSON.stringify(values).length;
      const followers = world.setup.nodes.filter((node) => node !== world.leader);
      for (const node of followers) expect(mirrorOf(world, node).digest()).toBe(world.nodeDigest(node));
      const whole = size(followers.map((node) => world.node(node)));
      const each = MEMBERS_ONLY[system.id] ?? (GOSSIPING.includes(system.id) ? 60 * 16 : null);
      const most = each === null ? whole / 3 : followers.length * each;
      expect(size(followers.map((node) => packed(world, node).node))).toBeLessThan(most);
    });
  },
);
