import { assert } from '../../shared/base/assert.ts';
import { REGIONS, regionOf } from '../../shared/protocols/ownership/hbase/regions.ts';
import type { HBaseState } from '../../shared/protocols/ownership/hbase/types.ts';
import type { NodeId, OperationRecord, OperationRequest } from '../../shared/sim/operation.ts';
import { World } from '../../shared/sim/world.ts';
import { hbase } from '../../shared/systems/hbase.ts';
import { resolveKnobs } from '../../shared/systems/system.ts';

/** An HBase cluster n1 … in a world, with the moves that scenarios are made of. */
export class HBaseCluster {
  readonly world: World;
  readonly nodes: readonly NodeId[];

  constructor(size: number, knobs: object = {}, spares: readonly NodeId[] = []) {
    this.nodes = Array.from({ length: size }, (_, i) => `n${i + 1}`);
    this.world = new World({
      protocol: hbase.protocol,
      driver: hbase.driver,
      knobs: resolveKnobs(hbase, knobs, size),
      nodes: [...this.nodes],
      ...(spares.length > 0 ? { spares } : {}),
      groups: {},
      network: { delay: 5, jitter: 5 },
      seed: 1,
    });
  }

  /** Waits until every region is served. */
  open(): void {
    for (let i = 0; i < 300; i++) {
      this.pass(100);
      if (REGIONS.every((region) => this.holders(region).length === 1)) return;
    }
    throw new Error('not all regions are open after 30 seconds');
  }

  state(node: NodeId): HBaseState {
    return this.world.node(node).replica as HBaseState;
  }

  /** Nodes whose region server has the region open. */
  holders(region: string): NodeId[] {
    return this.nodes.filter(
      (node) => this.#runs(node) && this.state(node).server.regions[region]?.open === true,
    );
  }

  #runs(node: NodeId): boolean {
    const { up, paused } = this.world.node(node);
    return up && !paused;
  }

  /** The node that serves a key. */
  owner(key: string): NodeId {
    return this.holders(regionOf(key)).at(-1) ?? '';
  }

  pass(time: number): void {
    this.world.advance(this.world.now + time);
  }

  cut(from: readonly NodeId[], to: readonly NodeId[]): void {
    this.world.apply({ kind: 'cut', from: { nodes: [...from] }, to: { nodes: [...to] }, oneWay: false });
  }

  heal(): void {
    this.world.apply({ kind: 'heal', between: null });
  }

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
}
