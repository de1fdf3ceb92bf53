import type { OutboxState } from '../../shared/protocols/outbox/outbox.ts';
import { valueOf } from '../../shared/protocols/store.ts';
import type { NodeId, OperationRequest, Stored } from '../../shared/sim/operation.ts';
import type { World } from '../../shared/sim/world.ts';
import { outbox } from '../../shared/systems/outbox.ts';
import { resolveKnobs } from '../../shared/systems/system.ts';
import { COMMON_FAULTS } from './fuzz-faults.ts';
import { Violation, type FuzzSubject } from './fuzz.ts';

/** Likes and items given on all sides, under every fault that leaves disks alone. */
export function outboxFuzz(knobs: object = {}): FuzzSubject {
  return {
    protocol: outbox.protocol,
    driver: outbox.driver,
    knobs: resolveKnobs(outbox, knobs, 3),
    sizes: [2, 3, 4],
    faults: COMMON_FAULTS,
    faultsFor: 12_000,
    recoveryFor: 5000,
    answersWithin: 1000,
    operation: randomOperation,
    probe: () => ({ kind: 'read', key: 'likes' }),
    invariants: () => ({ afterRecovery: checkEffects }),
  };
}

function randomOperation(random: number, count: number): OperationRequest {
  if ((random >>> 4) % 3 === 0) return { kind: 'add', key: 'orders', value: `order ${count}` };
  return { kind: 'increment', key: 'likes' };
}

/** Every event took effect at every node, and once; of those whose node crashed, at all nodes or at none. */
function checkEffects(world: World): void {
  const { operations, setup } = world;
  const likes = operations.filter(({ kind }) => kind === 'increment');
  const least = likes.filter(({ class: outcome }) => outcome === 'ok').length;
  const most = likes.filter(({ class: outcome }) => outcome !== 'fail').length;
  const counts = setup.nodes.map((node) => Number(heldAt(world, node, 'likes') ?? 0));
  for (const count of counts) {
    if (count < least) throw new Violation('no event is lost', `${count} of ${least} likes`);
    if (count > most) throw new Violation('an event counts once', `${count} instead of ${most} likes`);
  }
  const orders = setup.nodes.map((node) => {
    return JSON.stringify([heldAt(world, node, 'orders')].flat().map(String).sort());
  });
  if (new Set([...counts, ...orders]).size > 2) throw new Violation('convergence', orders.join(' and '));
}

function heldAt(world: World, node: NodeId, key: string): Stored {
  return valueOf((world.node(node).replica as OutboxState).disk.data[key]);
}
