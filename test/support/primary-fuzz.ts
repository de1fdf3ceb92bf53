import { canonical } from '../../shared/base/json.ts';
import { lookUp } from '../../shared/base/table.ts';
import type { PrimaryKnobs, PrimaryState } from '../../shared/protocols/ownership/primary/types.ts';
import { valueOf } from '../../shared/protocols/store.ts';
import type { NodeId, OperationRecord, OperationRequest } from '../../shared/sim/operation.ts';
import type { Protocol } from '../../shared/sim/protocol.ts';
import type { World } from '../../shared/sim/world.ts';
import { primaryReplica } from '../../shared/systems/primary-replica.ts';
import { resolveKnobs } from '../../shared/systems/system.ts';
import type { FaultKind } from './fuzz-faults.ts';
import { Violation, type FuzzSubject, type Invariants } from './fuzz.ts';

/** Cuts, crashes and pauses. Single messages are not lost: a stream delivers all it delivers in order. */
const FAULTS: readonly FaultKind[] = [
  ...(['cut', 'cut one way', 'isolate', 'isolate the leader', 'isolate the leader', 'heal', 'heal'] as const),
  ...(['crash', 'crash the leader', 'restart', 'restart', 'pause', 'resume', 'resume'] as const),
];

/** Primary and replicas under faults. */
export function primaryFuzz(
  knobs: Partial<PrimaryKnobs>,
  protocol: Protocol = primaryReplica.protocol,
): FuzzSubject {
  return {
    protocol,
    driver: primaryReplica.driver,
    knobs: resolveKnobs(primaryReplica, { heartbeat: 200, failoverAfter: 1000, ...knobs }, 3),
    sizes: [3],
    faults: FAULTS,
    faultsFor: 20_000,
    recoveryFor: 6000,
    answersWithin: 6000,
    operation,
    probe: (node) => ({ kind: 'write', key: `probe-${node}`, value: 'here' }),
    invariants: () => new PrimaryInvariants(),
  };
}

/** All three measures against loss, so that nothing acknowledged is lost and nothing refused is there. */
export const SAFE: Partial<PrimaryKnobs> = {
  mode: 'semi-synchronous',
  failover: 'automatic',
  majority: true,
};

/** The claim that nothing is lost, among the others. */
export function primaryKeepsAll(): FuzzSubject {
  return { ...primaryFuzz(SAFE), invariants: () => new KeepsAll() };
}

/** Half of the writes go to keys of their own: whether they stay can be seen in the end. */
function operation(random: number, count: number): OperationRequest {
  switch (random % 4) {
    case 0:
      return { kind: 'read', key: 'shared' };
    case 1:
      return { kind: 'write', key: 'shared', value: `v${count}` };
    default:
      return { kind: 'write', key: `once-${count}`, value: `v${count}` };
  }
}

/** Terms never go back at a node, and in the end all copies are equal. */
class PrimaryInvariants implements Invariants {
  readonly #epochs = new Map<NodeId, number>();

  afterInput(world: World, id: NodeId): void {
    if (!world.node(id).up) return;
    const { epoch } = stateOf(world, id).durable.term;
    if (epoch < (this.#epochs.get(id) ?? 0)) throw new Violation('terms never go back', id);
    this.#epochs.set(id, epoch);
  }

  afterRecovery(world: World): void {
    const copies = world.setup.nodes.map((id) => canonical(stateOf(world, id).durable.data));
    if (new Set(copies).size > 1) throw new Violation('copies are equal', copies.join(' | '));
  }
}

class KeepsAll extends PrimaryInvariants {
  override afterRecovery(world: World): void {
    super.afterRecovery(world);
    const [wrong] = [...lostWrites(world), ...falseRefusals(world)];
    if (wrong !== undefined) throw new Violation('what was answered is true', `${wrong.id}: ${wrong.class}`);
  }
}

/** Writes to a key of their own that were acknowledged and are gone in the end. */
export function lostWrites(world: World): OperationRecord[] {
  return withValue(world, 'ok', false);
}

/** Writes that certainly were not done, as the client was told, and that are there. */
export function falseRefusals(world: World): OperationRecord[] {
  return withValue(world, 'fail', true);
}

function withValue(world: World, outcome: 'ok' | 'fail', isThere: boolean): OperationRecord[] {
  const { data } = stateOf(world, world.setup.nodes[0] ?? '').durable;
  return world.operations.filter(
    (record) =>
      record.key.startsWith('once-') &&
      record.class === outcome &&
      (valueOf(lookUp(data, record.key)) === record.value) === isThere,
  );
}

function stateOf(world: World, id: NodeId): PrimaryState {
  return world.node(id).replica as PrimaryState;
}
