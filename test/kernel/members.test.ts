import { describe, expect, test } from 'vitest';
import { Mirror } from '../../shared/sim/mirror.ts';
import type { ClusterCommand } from '../../shared/sim/command.ts';
import type { OperationKind, OperationRequest } from '../../shared/sim/operation.ts';
import type { Setup } from '../../shared/sim/setup.ts';
import { World } from '../../shared/sim/world.ts';
import { cassandra } from '../../shared/systems/cassandra.ts';
import { dynamo } from '../../shared/systems/dynamo.ts';
import { redisCluster } from '../../shared/systems/redis-cluster.ts';
import { resolveKnobs, type System } from '../../shared/systems/system.ts';
import { packMirror, unpackMirror, type SeatMirror } from '../../shared/wire/seat.ts';
import { checkedDriver, checkedProtocol } from '../support/contract.ts';

/** Six members and a spare machine n7. */
function setupOf(system: System): Setup {
  const nodes = Array.from({ length: 7 }, (_, i) => `n${i + 1}`);
  return {
    protocol: system.protocol,
    driver: system.driver,
    knobs: resolveKnobs(system, {}, 6),
    nodes,
    spares: ['n7'],
    groups: {},
    network: { delay: 8, jitter: 9 },
    seed: 5,
  };
}

const ask = (node: string, kind: OperationKind, key: string, rest: Partial<OperationRequest> = {}) =>
  ({ kind: 'operate', node, operation: { kind, key, ...rest } }) as const;
const cut = (from: string[], to: string[]): ClusterCommand => {
  return { kind: 'cut', from: { nodes: from }, to: { nodes: to }, oneWay: false };
};
const heal: ClusterCommand = { kind: 'heal', between: null };

/** Somebody joins and leaves, also during a cut and a crash; in Redis Cluster slots move. By time, milliseconds. */
function story(system: System): readonly (readonly [at: number, command: ClusterCommand])[] {
  const moves = [
    [50_000, ask('n3', 'reshard', 'b', { to: 'n7' })],
    [52_000, ask('n3', 'leave', 'n7')],
    [54_000, ask('n3', 'reshard', 'b', { to: 'n2' })],
    [54_040, cut(['n7'], ['n2'])],
    [120_000, heal],
    [130_000, ask('n3', 'reshard', 'b', { to: 'n2', options: { fix: true } })],
  ] as const;
  return [
    [3000, ask('n3', 'join', 'n7')],
    [9000, cut(['n1', 'n2'], ['n3', 'n4', 'n5', 'n6', 'n7'])],
    [12_000, heal],
    [44_000, { kind: 'crash', node: 'n7', disk: 'kept' }],
    [45_000, { kind: 'restart', node: 'n7' }],
    ...(system.id === 'redis-cluster' ? moves : []),
    [136_000, ask('n1', 'join', 'n7')],
    [90_000, ask('n1', 'leave', 'n5')],
    [95_000, { kind: 'pause', node: 'n2' }],
    [99_000, { kind: 'resume', node: 'n2' }],
  ];
}

const END = 140_000;

/** Plays the story with reads and writes all along. */
function play(world: World, system: System, after: number, until: number): void {
  const steps = [...story(system)];
  for (let i = 0; 700 * i < END; i++) {
    const node = `n${(i % 6) + 1}`;
    const key = ['b', 'colour', 'cart'][i % 3] ?? 'b';
    steps.push([700 * i + 500, i % 4 === 0 ? ask(node, 'read', key) : ask(node, 'write', key, { value: i })]);
  }
  for (const [at, command] of steps.sort(([a], [b]) => a - b)) {
    if (at <= after || at > until) continue;
    world.advance(at);
    if (world.refuse(command) === null) world.apply(command);
  }
  world.advance(until);
}

function mirrorOf(world: World, node: string): Mirror {
  const operations = world.operations.filter((operation) => operation.node === node);
  const counts = { events: 0, sent: 0, delivered: 0, lost: { cut: 0, loss: 0, down: 0, overflow: 0 } };
  const ledger = { operations, leaders: [], counts };
  const packed = packMirror(world.setup, { node: world.node(node), now: world.now, heard: {}, ledger });
  const arrived = JSON.parse(JSON.stringify(packed)) as SeatMirror;
  return new Mirror(world.setup, unpackMirror(world.setup, arrived));
}

describe.each([redisCluster, cassandra, dynamo])(
  'while members come and go: $id',
  { timeout: 120_000 },
  (system) => {
    test('replicas and drivers keep their contract', () => {
      const counts = { steps: 0, durableChanges: 0, driverSteps: 0 };
      const setup = setupOf(system);
      // Dynamo answers a read before it repairs its own copy from what it has answered.
      const protocol = checkedProtocol(setup.protocol, counts, system.id !== 'dynamo');
      const world = new World({ ...setup, protocol, driver: checkedDriver(setup.driver, counts) });
      play(world, system, 0, END);
      expect(
        world.operations.filter(({ kind, class: outcome }) => kind === 'join' && outcome === 'ok'),
      ).not.toEqual([]);
      expect(counts.durableChanges).toBeGreaterThan(100);
    });

    test('a student’s copy of a node and a world that was saved go on the same', () => {
      const world = new World(setupOf(system));
      play(world, system, 0, 60_000);
      const saved = World.load(setupOf(system), world.save());
      const mirrors = new Map(world.setup.nodes.map((node) => [node, mirrorOf(world, node)]));
      world.onInput = (node, input) => mirrors.get(node)?.take(input);
      play(world, system, 60_000, END);
      play(saved, system, 60_000, END);
      expect(saved.digest()).toBe(world.digest());
      for (const node of world.setup.nodes)
        expect(mirrors.get(node)?.digest(), node).toBe(world.nodeDigest(node));
    });
  },
);
