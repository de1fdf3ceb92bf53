import { assert } from '../../shared/base/assert.ts';
import type { RaftState } from '../../shared/protocols/consensus/types.ts';
import type { NodeId, OperationRecord, OperationRequest } from '../../shared/sim/operation.ts';
import { World } from '../../shared/sim/world.ts';
import { etcd } from '../../shared/systems/etcd.ts';
import { resolveKnobs } from '../../shared/systems/system.ts';

/** An etcd cluster in a world, with the moves that scenarios are made of. */
export class EtcdCluster {
  readonly world: World;
  readonly nodes: readonly NodeId[];

  constructor(size: number, seed: number, knobs: object = {}) {
    this.nodes = Array.from({ length: size }, (_, i) => `n${i + 1}`);
    this.world = new World({
      protocol: etcd.protocol,
      driver: etcd.driver,
      knobs: resolveKnobs(etcd, knobs, size),
      nodes: [...this.nodes],
      groups: {},
      network: { delay: 5, jitter: 5 },
      seed,
    });
  }

  /** Waits until a node leads and its first entry is committed everywhere. */
  elect(): NodeId {
    for (let i = 0; i < 200; i++) {
      this.wait(100);
      const leader = this.world.leader;
      if (leader !== null && this.nodes.every((node) => this.state(node).commit > 0)) return leader;
    }
    throw new Error('no leader after 20 seconds');
  }

  /** The nodes without those given, in order. */
  others(...nodes: NodeId[]): NodeId[] {
    return this.nodes.filter((node) => !nodes.includes(node));
  }

  state(node: NodeId): RaftState {
    return this.world.node(node).replica as RaftState;
  }

  wait(ms: number): void {
    this.world.advance(this.world.now + ms);
  }

  cut(from: readonly NodeId[], to: readonly NodeId[], oneWay = false): void {
    this.world.apply({ kind: 'cut', from: { nodes: [...from] }, to: { nodes: [...to] }, oneWay });
  }

  heal(): void {
    this.world.apply({ kind: 'heal', between: null });
  }

  /** Asks, and returns the record that the answer will be written into. */
  ask(node: NodeId, operation: OperationRequest): OperationRecord {
    this.world.apply({ kind: 'operate', node, operation });
    const record = this.world.operations.at(-1);
    assert(record !== undefined, 'an operation has a record');
    return record;
  }

  write(node: NodeId, key: string, value: string | number): OperationRecord {
    return this.ask(node, { kind: 'write', key, value });
  }

  read(
    node: NodeId,
    key: string,
    consistency: 'linearizable' | 'serializable' = 'linearizable',
  ): OperationRecord {
    return this.ask(node, { kind: 'read', key, options: { consistency } });
  }

  /** What a node's own store holds under a key. */
  held(node: NodeId, key: string): unknown {
    return this.world.view(node).data[key]?.values[0] ?? null;
  }
}
