import { placement } from '../../shared/protocols/quorum/ring.ts';
import type { NodeId, OperationRecord, OperationRequest } from '../../shared/sim/operation.ts';
import type { Protocol } from '../../shared/sim/protocol.ts';
import { World } from '../../shared/sim/world.ts';
import { resolveKnobs, type System } from '../../shared/systems/system.ts';

/** What an operation carries besides its key. */
type Rest = Omit<OperationRequest, 'kind' | 'key'>;

/** A cluster n1 … of a ring system in a world, driven step by step by a test. */
export class RingCluster {
  readonly world: World;

  /** `spares`: how many of the nodes, the last ones, are no members at the beginning. */
  constructor(
    system: System,
    size: number,
    knobs: object = {},
    protocol: Protocol = system.protocol,
    spares = 0,
  ) {
    const nodes = Array.from({ length: size }, (_, i) => `n${i + 1}`);
    this.world = new World({
      protocol,
      driver: system.driver,
      knobs: resolveKnobs(system, knobs, size - spares),
      nodes,
      ...(spares === 0 ? {} : { spares: nodes.slice(-spares) }),
      groups: {},
      network: { delay: 10, jitter: 5 },
      seed: 7,
    });
  }

  /** Asks, lets time pass until the answer is there or the limit is reached, and returns it. */
  ask(
    node: NodeId,
    kind: OperationRequest['kind'],
    key: string,
    rest: Rest = {},
    limit = 15_000,
  ): OperationRecord {
    const record = this.begin(node, kind, key, rest);
    for (let time = 0; time < limit && record.returned === null; time += 10) this.pass(10);
    return record;
  }

  /** Asks without waiting. */
  begin(node: NodeId, kind: OperationRequest['kind'], key: string, rest: Rest = {}): OperationRecord {
    this.world.apply({ kind: 'operate', node, operation: { kind, key, ...rest } });
    return this.world.operations.at(-1) as OperationRecord;
  }

  pass(time: number): void {
    this.world.advance(this.world.now + time);
  }

  cut(from: NodeId[], to: NodeId[], oneWay = false): void {
    this.world.apply({ kind: 'cut', from: { nodes: from }, to: { nodes: to }, oneWay });
  }

  heal(): void {
    this.world.apply({ kind: 'heal', between: null });
  }

  crash(node: NodeId, disk: 'kept' | 'lost' = 'kept'): void {
    this.world.apply({ kind: 'crash', node, disk });
  }

  restart(node: NodeId): void {
    this.world.apply({ kind: 'restart', node });
  }

  /** The clock of a node minus true time, milliseconds. */
  skew(node: NodeId, offset: number): void {
    this.world.apply({ kind: 'skew', node, offset });
  }

  /** The first key `k1`, `k2` … whose `n` owners include all of some nodes and none of others. */
  keyOf(included: readonly NodeId[], excluded: readonly NodeId[] = [], n = 3): string {
    for (let i = 1; ; i++) {
      const owners = placement(`k${i}`, this.world.setup.nodes, n);
      if (
        included.every((node) => owners.includes(node)) &&
        !excluded.some((node) => owners.includes(node))
      ) {
        return `k${i}`;
      }
    }
  }

  facts(node: NodeId): readonly (readonly [string, string])[] {
    return this.world.view(node).facts;
  }
}

/** Class, error or value, and how long it took, rounded to tenths of a second: for rows of a scenario table. */
export function summary(record: OperationRecord): readonly [outcome: string, what: unknown, seconds: number] {
  const took = Math.round(((record.returned ?? 0) - record.invoked) / 100) / 10;
  return [record.class, record.error ?? record.result?.value ?? null, took];
}
