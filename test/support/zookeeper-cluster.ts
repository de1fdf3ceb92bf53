import { assert } from '../../shared/base/assert.ts';
import type { ZabState } from '../../shared/protocols/consensus/zab/types.ts';
import type { NodeId, OperationRecord, OperationRequest } from '../../shared/sim/operation.ts';
import type { Protocol } from '../../shared/sim/protocol.ts';
import { World } from '../../shared/sim/world.ts';
import { resolveKnobs } from '../../shared/systems/system.ts';
import { zooKeeper } from '../../shared/systems/zookeeper.ts';

/** A ZooKeeper ensemble n1 … in a world, with the moves that scenarios are made of. */
export class ZooKeeperCluster {
  readonly world: World;
  readonly nodes: readonly NodeId[];

  constructor(size: number, knobs: object = {}, protocol: Protocol = zooKeeper.protocol) {
    this.nodes = Array.from({ length: size }, (_, i) => `n${i + 1}`);
    this.world = new World({
      protocol,
      driver: zooKeeper.driver,
      knobs: resolveKnobs(zooKeeper, knobs, size),
      nodes: [...this.nodes],
      groups: {},
      network: { delay: 5, jitter: 5 },
      seed: 1,
    });
  }

  /** Waits until a server leads and all serve. */
  elect(): NodeId {
    for (let i = 0; i < 400; i++) {
      this.pass(100);
      const leader = this.leader();
      if (leader !== null && this.nodes.every((node) => this.serves(node))) return leader;
    }
    throw new Error('no leader after 40 seconds');
  }

  /** The server that leads the latest epoch, and serves. */
  leader(): NodeId | null {
    const leading = this.nodes.filter((node) => {
      const { role } = this.state(node);
      return this.world.node(node).up && role.kind === 'leading' && role.phase === 'serve';
    });
    leading.sort((a, b) => this.state(b).currentEpoch - this.state(a).currentEpoch);
    return leading[0] ?? null;
  }

  serves(node: NodeId): boolean {
    const { role } = this.state(node);
    return this.world.node(node).up && role.kind !== 'looking' && role.phase === 'serve';
  }

  state(node: NodeId): ZabState {
    return this.world.node(node).replica as ZabState;
  }

  others(...nodes: NodeId[]): NodeId[] {
    return this.nodes.filter((node) => !nodes.includes(node));
  }

  pass(time: number): void {
    this.world.advance(this.world.now + time);
  }

  cut(from: readonly NodeId[], to: readonly NodeId[], oneWay = false): void {
    this.world.apply({ kind: 'cut', from: { nodes: [...from] }, to: { nodes: [...to] }, oneWay });
  }

  heal(): void {
    this.world.apply({ kind: 'heal', between: null });
  }

  /** Asks without waiting; the answer is written into the record. */
  begin(node: NodeId, operation: OperationRequest): OperationRecord {
    this.world.apply({ kind: 'operate', node, operation });
    const record = this.world.operations.at(-1);
    assert(record !== undefined, 'an operation has a record');
    return record;
  }

  /** Asks, and lets time pass until the answer is there, or `limit` milliseconds. */
  ask(node: NodeId, operation: OperationRequest, limit = 5000): OperationRecord {
    const record = this.begin(node, operation);
    for (let waited = 0; waited < limit && record.returned === null; waited += 10) this.pass(10);
    return record;
  }

  write(node: NodeId, key: string, value: string, limit?: number): OperationRecord {
    return this.ask(node, { kind: 'write', key, value }, limit);
  }

  read(node: NodeId, key: string, limit?: number): OperationRecord {
    return this.ask(node, { kind: 'read', key }, limit);
  }

  /** What a server's own tree holds under a key. */
  held(node: NodeId, key: string): unknown {
    return this.state(node).tree.znodes[key]?.value ?? null;
  }
}
