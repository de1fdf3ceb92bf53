import { canonical } from '../../shared/base/json.ts';
import type { MvRegister, MvVersion } from '../../shared/data/crdt/mv-register.ts';
import { compareClocks, descends } from '../../shared/data/vector-clock.ts';
import type { AvailableState } from '../../shared/protocols/quorum/textbook/available-replica.ts';
import type { NodeId, Stored } from '../../shared/sim/operation.ts';
import type { World } from '../../shared/sim/world.ts';
import { Violation, type Invariants } from './fuzz.ts';

type Register = MvRegister<Stored>;

/**
 * What vector clocks promise: siblings have not seen each other, and in the end all copies are equal and every write
 * is there, or one that had seen it. That somebody must still resolve them is told.
 */
export class VectorClockInvariants implements Invariants {
  readonly #tell: (anomaly: string) => void;
  readonly #written = new Map<string, { readonly key: string; readonly version: MvVersion<Stored> }>();

  constructor(tell: (anomaly: string) => void) {
    this.#tell = tell;
  }

  afterInput(world: World, node: NodeId): void {
    for (const [key, versions] of Object.entries(dataOf(world, node))) {
      for (const [i, version] of versions.entries()) {
        this.#written.set(`${key} ${canonical(version.clock)}`, { key, version });
        const other = versions
          .slice(i + 1)
          .find(({ clock }) => compareClocks(clock, version.clock) !== 'concurrent');
        if (other !== undefined) throw new Violation('siblings have not seen each other', `${node}: ${key}`);
      }
    }
  }

  afterRecovery(world: World): void {
    const [first = '', ...others] = world.setup.nodes;
    const held = dataOf(world, first);
    for (const node of others) {
      if (canonical(dataOf(world, node)) === canonical(held)) continue;
      throw new Violation('convergence', `${first} and ${node} hold different data`);
    }
    for (const { key, version } of this.#written.values()) {
      if ((held[key] ?? []).some(({ clock }) => descends(clock, version.clock))) continue;
      throw new Violation('no write is lost unseen', `${key}=${JSON.stringify(version.value)}`);
    }
    for (const versions of Object.values(held)) if (versions.length > 1) this.#tell('siblings are left');
  }
}

function dataOf(world: World, node: NodeId): Readonly<Record<string, Register>> {
  return (world.node(node).replica as AvailableState<Register & MvVersion<Stored>[]>).disk.data;
}
