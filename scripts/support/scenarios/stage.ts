import { Fold } from '../../../shared/recording/fold.ts';
import { compileScript } from '../../../shared/scripts/compile.ts';
import { parseScript } from '../../../shared/scripts/script.ts';
import { resolveKnobs, type Knobs } from '../../../shared/systems/system.ts';
import type { NodeId } from '../../../shared/sim/operation.ts';
import type { Cast, Scenario } from './scenarios.ts';
import type { Subject } from './subjects.ts';

/** A cluster that has settled, who plays which part in it, and keys for which they do. */
export type Stage = { readonly fold: Fold; readonly cast: Cast; readonly keys: Generator<string> };

/** By then every system has elected whom it elects, after a split vote too. Virtual milliseconds. */
const SETTLED = 40_000;

/** Chosen by hand out of a few, for elections without split votes: with another, outages take other times. */
const SEED = 5;

/** Opens a cluster for a scenario and lets it settle. */
export function openStage(subject: Subject, scenario: Scenario): Stage {
  const { system } = subject;
  const { nodes, knobs } = sizeOf(subject, scenario);
  const script = { system: system.id, knobs, seed: SEED, nodes, steps: [], until: 0 };
  const { header } = compileScript(parseScript(JSON.stringify(script)));
  const fold = new Fold(header);
  fold.advance(SETTLED);
  const resolved = resolveKnobs(system, header.knobs, nodes);
  const ownersOf = (key: string): readonly NodeId[] => system.placement?.(key, header.nodes, resolved) ?? [];
  const owners = ownersOf(FIRST_KEY);
  const keys = keysWhere((key) => ownersOf(key).join() === owners.join());
  return { fold, cast: castOf(fold, owners), keys };
}

/** Real Redis clusters have at least three masters, each with a replica; an even split needs four masters. */
function sizeOf({ system, knobs }: Subject, { nodes }: Scenario): { nodes: number; knobs: Knobs } {
  if (system.id !== 'redis-cluster') return { nodes, knobs };
  return nodes === 5 ? { nodes: 6, knobs } : { nodes, knobs: { masters: nodes, ...knobs } };
}

/** HBase serves the regions from j on at the first node that is not in the ZooKeeper ensemble. */
const FIRST_KEY = 'k1';

function* keysWhere(isGood: (key: string) => boolean): Generator<string> {
  for (let number = 1; ; number++) if (isGood(`k${number}`)) yield `k${number}`;
}

function castOf({ header, world }: Fold, owners: readonly NodeId[]): Cast {
  switch (header.system) {
    // No master lies on one side of a cut with its own replica, as operators place them.
    case 'redis-cluster':
      return spread(owners[0] ?? '', header.nodes);
    case 'hbase':
      return first(
        header.nodes.filter((node) => world.view(node).facts.some(([, text]) => text.includes('j-m'))),
        header.nodes,
      );
    case 'lease':
      // The resource; the lock service is the first node.
      return first(header.nodes.slice(1, 2), header.nodes);
    default:
      if (owners.length > 0) return first(owners, header.nodes);
      return first(world.leader === null ? [] : [world.leader], header.nodes);
  }
}

/** Of three masters and their three replicas: a key's master, another's replica, the third master, and the rest. */
function spread(master: NodeId, nodes: readonly NodeId[]): Cast {
  if (nodes.length < 6) return first([master], nodes);
  const mine = nodes.indexOf(master);
  const masterAt = (turn: number): NodeId => nodes[(mine + turn) % 3] ?? '';
  const replicaAt = (turn: number): NodeId => nodes[3 + ((mine + turn) % 3)] ?? '';
  return [masterAt(0), replicaAt(1), masterAt(2), masterAt(1), replicaAt(0), replicaAt(2)];
}

/** These first, then the others, everybody once. */
function first(some: readonly NodeId[], all: readonly NodeId[]): NodeId[] {
  return [...new Set([...some, ...all])];
}
