import { describe, expect, test } from 'vitest';
import type { ClusterCommand } from '../../shared/sim/command.ts';
import type { NodeId } from '../../shared/sim/operation.ts';
import type { Setup } from '../../shared/sim/setup.ts';
import { World } from '../../shared/sim/world.ts';
import { SYSTEMS } from '../../shared/systems/index.ts';
import { flatten } from '../../shared/wire/frame.ts';
import { commandsAmong, createChance, lifetimeOf, liveThrough, setupOfSystem } from '../support/runs.ts';
import { toySetup } from '../support/toy.ts';

/**
 * The local knowledge rule: what a seat is sent depends on nothing outside its node's causal past. Two runs
 * have the same past up to a partition. Then in the second run all kinds of things happen on the far side,
 * from which nothing reaches the near side, and the near side's streams must be the same, byte for byte.
 */
type Partition = {
  readonly near: readonly NodeId[];
  readonly far: readonly NodeId[];
  readonly oneWay: boolean;
};

const COMMON = 3000;
const END = 13_000;

/** What every seat is sent in a run; with `farSeed`, a run in which the far side has a life of its own. */
function streams(
  setup: Setup,
  partition: Partition,
  seed: number,
  farSeed: number | null,
): Map<NodeId, string> {
  const sent = new Map<NodeId, unknown[]>(setup.nodes.map((node) => [node, []]));
  const world = new World({ ...setup, seed });
  world.onInput = (node, input) => flatten(input, sent.get(node) ?? []);
  liveThrough(world, COMMON, createChance(seed));
  world.apply({ kind: 'heal', between: null });
  // One way: the far side still hears the near side, and stays outside of its past all the same.
  const { near, far, oneWay } = partition;
  world.apply({ kind: 'cut', from: { nodes: [...far] }, to: { nodes: [...near] }, oneWay });
  const nearChance = createChance(seed + 1000);
  const farChance = createChance(farSeed ?? 0);
  const end = lifetimeOf(setup.protocol.name, END);
  for (let now = COMMON; now < end; now += 25) {
    world.advance(now);
    if (nearChance(6) === 0) give(world, commandsAmong(near, nearChance), near);
    if (farSeed !== null && farChance(2) === 0) give(world, commandsAmong(far, farChance), far);
  }
  world.advance(end);
  return new Map([...sent].map(([node, flat]) => [node, JSON.stringify(flat)]));
}

/** Gives a command unless it is refused: that depends on its own side alone. */
function give(world: World, command: ClusterCommand, side: readonly NodeId[]): void {
  const touchesAll = command.kind === 'heal' && side.length === world.setup.nodes.length;
  if (!touchesAll && world.refuse(command) === null) world.apply(command);
}

const nodes = ['n1', 'n2', 'n3', 'n4', 'n5', 'n6'];
const partitions: readonly Partition[] = [
  { near: nodes.slice(0, 3), far: nodes.slice(3), oneWay: false },
  { near: nodes.slice(0, 4), far: nodes.slice(4), oneWay: false },
  { near: nodes.slice(5), far: nodes.slice(0, 5), oneWay: false },
  { near: nodes.slice(0, 3), far: nodes.slice(3), oneWay: true },
];

const setups: readonly (readonly [string, Setup])[] = [
  ['the toy', toySetup({ nodes: 6, beatMs: 90, idleMs: 150, jitter: 9, connections: true })],
  ...SYSTEMS.map((system) => [system.id, setupOfSystem(system, 6, 1)] as const),
];

describe.each(setups)(
  'what lies outside of the past of a node does not show in its stream: %s',
  { timeout: 30_000 },
  (_, setup) => {
    test.each([1, 2, 3, 4])('seed %i', (seed) => {
      for (const partition of partitions) {
        const quiet = streams(setup, partition, seed, null);
        const busy = streams(setup, partition, seed, seed + 2000);
        for (const node of partition.near) expect(busy.get(node)).toBe(quiet.get(node));
        // And the far side did live: otherwise the claim is empty.
        expect(partition.far.some((node) => busy.get(node) !== quiet.get(node))).toBe(true);
        expect(Math.min(...partition.near.map((node) => quiet.get(node)?.length ?? 0))).toBeGreaterThan(500);
      }
    });
  },
);

test('a leak is found: a draw out of one generator for all nodes', () => {
  const toy = toySetup({ nodes: 6, beatMs: 90, idleMs: 150 });
  const leaky = (): Setup => {
    let shared = 0;
    const step: Setup['protocol']['step'] = (state, input, ambient) =>
      toy.protocol.step(state, input, ambient).map((output) => {
        return output.kind === 'set-timer' ? { ...output, after: output.after + (++shared % 3) } : output;
      });
    return { ...toy, protocol: { ...toy.protocol, step } };
  };
  const partition = { near: nodes.slice(0, 3), far: nodes.slice(3), oneWay: false };
  const busy = streams(leaky(), partition, 2, 2002);
  const quiet = streams(leaky(), partition, 2, null);
  expect(partition.near.some((node) => busy.get(node) !== quiet.get(node))).toBe(true);
});
