import { draw, streamSeed } from '../../shared/base/random.ts';
import type { ClusterCommand } from '../../shared/sim/command.ts';
import type { NodeId, OperationRequest } from '../../shared/sim/operation.ts';
import type { Setup } from '../../shared/sim/setup.ts';
import { World } from '../../shared/sim/world.ts';
import { resolveKnobs, type System } from '../../shared/systems/system.ts';
import { COMMON_FAULTS, nextFault } from './fuzz-faults.ts';

export type Chance = (bound: number) => number;
export type Timed = { readonly at: number; readonly command: ClusterCommand };

/** Small whole numbers by chance; everything follows from the seed. */
export function createChance(seed: number): Chance {
  const stream = streamSeed(seed, 'runs');
  let draws = 0;
  return (bound) => draw(stream, draws++) % bound;
}

/** A cluster of a system with its defaults, n1, n2 …, over links with some jitter. */
export function setupOfSystem(system: System, nodes: number, seed: number): Setup {
  return {
    protocol: system.protocol,
    driver: system.driver,
    knobs: resolveKnobs(system, {}, nodes),
    nodes: Array.from({ length: nodes }, (_, index) => `n${index + 1}`),
    groups: {},
    network: { delay: 8, jitter: 9 },
    seed,
  };
}

const KINDS = ['write', 'write', 'add', 'remove', 'delete', 'read', 'read'] as const;

/** What somebody might ask. */
export function someOperation(chance: Chance): OperationRequest {
  const kind = KINDS[chance(KINDS.length)] ?? 'read';
  const key = chance(3) === 0 ? 'cart' : 'colour';
  if (kind === 'read' || kind === 'delete') return { kind, key };
  return { kind, key, value: ['red', 'green', 7, true][chance(4)] ?? null };
}

/** Systems that say nothing unless they are asked: they live twice as long, for as much to happen. */
const QUIET = ['two-phase-commit', 'lease'];

/** How long a system lives in a test whose usual length this is. */
export function lifetimeOf(name: string, usual: number): number {
  return QUIET.includes(name) ? 2 * usual : usual;
}

/** The same, and transfers or locks where the protocol has them. */
function operationFor({ setup }: World, chance: Chance): OperationRequest {
  if (!QUIET.includes(setup.protocol.name) || chance(2) === 0) return someOperation(chance);
  if (setup.protocol.name === 'lease') return { kind: chance(3) === 0 ? 'unlock' : 'lock', key: 'printer' };
  return { kind: 'transfer', key: 'alice', to: ['bob', 'carol'][chance(2)] ?? 'bob', value: 1 + chance(9) };
}

/** Lets a world live through operations and faults of every kind, every few hundred milliseconds. */
export function liveThrough(world: World, until: number, chance: Chance): Timed[] {
  const commands: Timed[] = [];
  const { nodes } = world.setup;
  for (;;) {
    const at = world.now + 1 + chance(250);
    if (at > until) break;
    world.advance(at);
    const command: ClusterCommand =
      chance(3) > 0
        ? {
            kind: 'operate',
            node: nodes[chance(nodes.length)] ?? 'n1',
            operation: operationFor(world, chance),
          }
        : nextFault(world, COMMON_FAULTS, chance);
    if (world.refuse(command) !== null) continue;
    commands.push({ at, command });
    world.apply(command);
  }
  world.advance(until);
  return commands;
}

/** The commands of a whole run like that. */
export function someCommands(setup: Setup, until: number, seed: number): Timed[] {
  return liveThrough(new World(setup), until, createChance(seed));
}

/** Operations and faults that concern these nodes and the links among them, and nothing else. */
export function commandsAmong(nodes: readonly NodeId[], chance: Chance): ClusterCommand {
  const node = nodes[chance(nodes.length)] ?? '';
  const other = nodes.find((candidate) => candidate !== node) ?? node;
  const links = { from: { nodes: [node] }, to: { nodes: [other] }, oneWay: chance(2) === 0 };
  switch (chance(12)) {
    case 0:
      return { kind: 'cut', ...links };
    case 1:
      return {
        kind: 'heal',
        between: { from: { nodes: [...nodes] }, to: { nodes: [...nodes] }, oneWay: false },
      };
    case 2:
      return {
        kind: 'link',
        ...links,
        loss: chance(900_000),
        jitter: chance(300),
        duplication: chance(500_000),
      };
    case 3:
      return { kind: 'crash', node, disk: 'kept' };
    case 4:
    case 5:
      return { kind: 'restart', node };
    case 6:
      return { kind: 'pause', node };
    case 7:
      return { kind: 'resume', node };
    case 8:
      return { kind: 'skew', node, offset: chance(5000) - 2500 };
    case 9:
      return { kind: 'move', node, group: 'elsewhere' };
    default:
      return { kind: 'operate', node, operation: someOperation(chance) };
  }
}
