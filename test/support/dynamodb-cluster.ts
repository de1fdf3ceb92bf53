import { groupOf, groupsOf, regionOf } from '../../shared/protocols/consensus/dynamodb/placement.ts';
import type { DynamoDbKnobs, DynamoDbState } from '../../shared/protocols/consensus/dynamodb/types.ts';
import type { NodeId, OperationRecord, Options, Value } from '../../shared/sim/operation.ts';
import type { Protocol } from '../../shared/sim/protocol.ts';
import { dynamodb } from '../../shared/systems/dynamodb.ts';
import { RingCluster } from './ring-cluster.ts';

/** Long enough that a lease has run out and another replica leads. */
export const ELECTED = 12_000;

/** DynamoDB on n1 … in a world, driven step by step by a test. */
export class DynamoDbCluster extends RingCluster {
  constructor(size: number, knobs: Partial<DynamoDbKnobs> = {}, protocol: Protocol = dynamodb.protocol) {
    super(dynamodb, size, knobs, protocol);
    this.pass(1000);
  }

  write(node: NodeId, key: string, value: Value, options: Options = {}): OperationRecord {
    return this.ask(node, 'write', key, { value, options });
  }

  read(node: NodeId, key: string, options: Options = {}): OperationRecord {
    return this.ask(node, 'read', key, { options });
  }

  consistent(node: NodeId, key: string): OperationRecord {
    return this.read(node, key, { consistentRead: true });
  }

  /** The replicas of a key as a node's Region has them. */
  replicas(key: string, asker: NodeId = 'n1'): readonly NodeId[] {
    return groupsOf(this.#layout)[this.#group(key, asker)] ?? [];
  }

  leaders(key: string, asker: NodeId = 'n1'): NodeId[] {
    const group = this.#group(key, asker);
    return this.replicas(key, asker).filter((node) => {
      const { up, replica } = this.world.node(node);
      return up && (replica as DynamoDbState).groups[group]?.role === 'leader';
    });
  }

  get #layout() {
    const { nodes, knobs } = this.world.setup;
    return { nodes, knobs: knobs as DynamoDbKnobs };
  }

  #group(key: string, asker: NodeId): string {
    return groupOf(key, regionOf(asker, this.#layout), this.#layout);
  }
}
