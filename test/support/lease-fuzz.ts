import type { LeaseState } from '../../shared/protocols/lease/types.ts';
import type { NodeId, OperationRequest } from '../../shared/sim/operation.ts';
import type { World } from '../../shared/sim/world.ts';
import { lease } from '../../shared/systems/lease.ts';
import { resolveKnobs } from '../../shared/systems/system.ts';
import { COMMON_FAULTS } from './fuzz-faults.ts';
import { Violation, type FuzzSubject, type Invariants } from './fuzz.ts';

/** Clients that take a lock, use the resource and give the lock back, while their nodes sleep, crash and are cut off. */
export function leaseFuzz(knobs: object = {}): FuzzSubject {
  return {
    protocol: lease.protocol,
    driver: lease.driver,
    knobs: resolveKnobs(lease, { leaseMs: 1500, ...knobs }, 4),
    sizes: [4, 5],
    faults: [...COMMON_FAULTS, 'pause', 'pause', 'resume', 'resume'],
    faultsFor: 15_000,
    recoveryFor: 5000,
    answersWithin: 3000,
    operation: randomOperation,
    probe: () => ({ kind: 'read', key: 'page' }),
    invariants: () => new LeaseInvariants(),
  };
}

function randomOperation(random: number, count: number): OperationRequest {
  switch ((random >>> 4) % 6) {
    case 0:
    case 1:
      return { kind: 'lock', key: 'printer' };
    case 2:
      return { kind: 'unlock', key: 'printer' };
    default:
      return { kind: 'write', key: 'page', value: `v${count}` };
  }
}

/** Tokens are given once, and what is written has tokens that grow. */
class LeaseInvariants implements Invariants {
  readonly #written = new Map<string, number>();

  afterInput(world: World, node: NodeId): void {
    const { disk, resource } = world.node(node).replica as LeaseState;
    if (node !== resource) return;
    for (const [key, token] of Object.entries(disk.writers)) {
      const newest = this.#written.get(key) ?? 0;
      if (token < newest) {
        const what = `${key} with token ${token} after ${newest}`;
        throw new Violation('no write takes place after one of a later holder', what);
      }
      this.#written.set(key, token);
    }
  }

  afterRecovery({ operations }: World): void {
    const locks = operations.filter(({ kind, class: outcome }) => kind === 'lock' && outcome === 'ok');
    for (const { id, node, result } of locks) {
      const twin = locks.find((other) => other.node !== node && other.result?.token === result?.token);
      if (twin === undefined) continue;
      throw new Violation('a token is given once', `${id} and ${twin.id}: ${String(result?.token)}`);
    }
  }
}
