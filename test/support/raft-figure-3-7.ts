import type { Entry, Raft, RaftState } from '../../shared/protocols/consensus/types.ts';
import type { Protocol } from '../../shared/sim/protocol.ts';
import { World } from '../../shared/sim/world.ts';
import { etcdFuzz } from './etcd-fuzz.ts';
import { Violation, watch } from './fuzz.ts';
import { RaftInvariants } from './raft-invariants.ts';

/**
 * Ongaro 2014, Figure 3.7, in a world: n1 brings 64 entries of term 2 to a majority in term 4, its own first entry
 * is lost, it crashes; n5, whose log ends in term 3, may win. Returns the claim that broke, or null. Which node wins
 * depends on the seed.
 */
export function runFigure37(protocol: Protocol<Raft>, seed: number): string | null {
  const nodes = ['n1', 'n2', 'n3', 'n4', 'n5'];
  const world = new World({
    protocol: withDisks(protocol),
    driver: etcdFuzz.driver,
    knobs: etcdFuzz.knobs,
    nodes,
    groups: {},
    network: { delay: 5, jitter: 0 },
    seed,
  });
  const check = watch(world, new RaftInvariants());
  const logLength = (node: string) => (world.node(node).replica as RaftState).log.length;
  try {
    world.apply({
      kind: 'cut',
      from: { nodes: ['n4', 'n5'] },
      to: { nodes: ['n1', 'n2', 'n3'] },
      oneWay: false,
    });
    while (logLength('n2') < 65 || logLength('n3') < 65) world.advance(world.now + 1);
    world.apply({ kind: 'cut', from: { nodes: ['n1'] }, to: { nodes: ['n2', 'n3'] }, oneWay: true });
    world.advance(world.now + 20);
    world.apply({ kind: 'crash', node: 'n1', disk: 'kept' });
    world.apply({ kind: 'heal', between: null });
    world.advance(world.now + 10_000);
    check();
    return null;
  } catch (error) {
    if (error instanceof Violation) return error.invariant;
    throw error;
  }
}

const disks: Readonly<Record<string, readonly number[]>> = {
  n1: [1, ...Array<number>(64).fill(2)],
  n2: [1],
  n3: [1],
  n4: [1],
  n5: [1, 3],
};

function withDisks(protocol: Protocol<Raft>): Protocol<Raft> {
  return {
    ...protocol,
    init(config, durable) {
      const terms = disks[config.self] ?? [];
      const log = terms.map((term, i): Entry => ({ index: i + 1, term, proposal: null }));
      return protocol.init(config, durable ?? { term: 3, vote: null, commit: 1, log });
    },
  };
}
