import { placement } from '../../shared/protocols/quorum/ring.ts';
import type { Durable, QuorumState } from '../../shared/protocols/quorum/types.ts';
import type { NodeId, OperationRecord, OperationRequest } from '../../shared/sim/operation.ts';
import type { Protocol } from '../../shared/sim/protocol.ts';
import { World } from '../../shared/sim/world.ts';
import { dynamo } from '../../shared/systems/dynamo.ts';
import { resolveKnobs } from '../../shared/systems/system.ts';

/** A Dynamo cluster n1 … in a world, driven step by step by a test. */
export class QuorumCluster {
  readonly world: World;

  /** `spares`: how many of the nodes, the last ones, are no members at the beginning. */
  constructor(size: number, knobs: object = {}, protocol: Protocol = dynamo.protocol, spares = 0) {
    const nodes = Array.from({ length: size }, (_, i) => `n${i + 1}`);
    this.world = new World({
      protocol,
      driver: dynamo.driver,
      knobs: resolveKnobs(dynamo, knobs, size - spares),
      nodes,
      ...(spares === 0 ? {} : { spares: nodes.slice(-spares) }),
      groups: {},
      network: { delay: 10, jitter: 5 },
      seed: 7,
    });
  }

  /** Asks, lets time pass until the answer is there (two and a half seconds at most) and returns it. */
  ask(node: NodeId, kind: OperationRequest['kind'], key: string, value?: string): OperationRecord {
    const record = this.begin(node, kind, key, value);
    for (let i = 0; i < 250 && record.returned === null; i++) this.pass(10);
    return record;
  }

  /** Asks without waiting. */
  begin(node: NodeId, kind: OperationRequest['kind'], key: string, value?: string): OperationRecord {
    const operation = { kind, key, ...(value === undefined ? {} : { value }) };
    this.world.apply({ kind: 'operate', node, operation });
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

  disk(node: NodeId): Durable {
    return (this.world.node(node).replica as QuorumState).durable;
  }

  owners(key: string): NodeId[] {
    return placement(key, this.world.setup.nodes, 3);
  }
}
