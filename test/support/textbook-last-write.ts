import { mergeLww, type LwwRegister } from '../../shared/data/crdt/lww-register.ts';
import type { AvailableState } from '../../shared/protocols/quorum/textbook/available-replica.ts';
import type { NodeId, Stored } from '../../shared/sim/operation.ts';
import type { World } from '../../shared/sim/world.ts';
import { Violation, type Invariants } from './fuzz.ts';

type Register = LwwRegister<Stored>;

/**
 * What last-write-wins promises: in the end all copies are equal, and hold the write with the latest time. Writes that
 * began when another had been acknowledged, and are gone all the same, are told.
 */
export class LastWriteInvariants implements Invariants {
  readonly #tell: (anomaly: string) => void;
  readonly #latest = new Map<string, Register>();

  constructor(tell: (anomaly: string) => void) {
    this.#tell = tell;
  }

  afterInput(world: World, node: NodeId): void {
    for (const [key, held] of Object.entries(dataOf(world, node))) {
      const latest = this.#latest.get(key);
      this.#latest.set(key, latest === undefined ? held : mergeLww(latest, held));
    }
  }

  afterRecovery(world: World): void {
    for (const [key, latest] of this.#latest) {
      for (const node of world.setup.nodes) {
        const held = dataOf(world, node)[key];
        if (JSON.stringify(held) === JSON.stringify(latest)) continue;
        throw new Violation('the latest time stays', `${node} holds ${JSON.stringify(held)} under ${key}`);
      }
    }
    const writes = world.operations.filter(
      ({ kind, class: outcome }) => kind === 'write' && outcome === 'ok',
    );
    for (const [key, { value }] of this.#latest) {
      const winner = writes.find((write) => write.key === key && write.value === value);
      if (winner === undefined) continue;
      const later = writes.filter(
        (write) => write.key === key && write.invoked > (winner.returned ?? Infinity),
      );
      if (later.length > 0) this.#tell('a later write is dropped');
    }
    const increments = world.operations.filter(
      ({ kind, class: outcome }) => kind === 'increment' && outcome === 'ok',
    );
    if (Number(this.#latest.get('count')?.value ?? 0) < increments.length) this.#tell('increments are lost');
  }
}

function dataOf(world: World, node: NodeId): Readonly<Record<string, Register>> {
  return (world.node(node).replica as AvailableState<Register>).disk.data;
}
