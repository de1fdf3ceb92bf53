import { assert } from '../../shared/base/assert.ts';
import type { MemberState } from '../../shared/protocols/consensus/mongodb/types.ts';
import type { NodeId, OperationRecord, OperationRequest, Options } from '../../shared/sim/operation.ts';
import { World } from '../../shared/sim/world.ts';
import { mongodb } from '../../shared/systems/mongodb.ts';
import { resolveKnobs, type SideStatus } from '../../shared/systems/system.ts';

/** A replica set in a world, with its real timers, and the moves that scenarios are made of. */
export class MongoCluster {
  readonly world: World;
  readonly nodes: readonly NodeId[];

  constructor(size: number, seed: number, knobs: object = {}) {
    this.nodes = Array.from({ length: size }, (_, i) => `n${i + 1}`);
    this.world = new World({
      protocol: mongodb.protocol,
      driver: mongodb.driver,
      knobs: resolveKnobs(mongodb, knobs, size),
      nodes: [...this.nodes],
      groups: {},
      network: { delay: 5, jitter: 5 },
      seed,
    });
  }

  /** Waits until a primary takes writes and everybody follows it. */
  elect(): NodeId {
    for (let i = 0; i < 300; i++) {
      this.wait(100);
      const primary = this.primary();
      if (primary === null) continue;
      const members = this.nodes.map((node) => this.state(node)).filter(({ role }) => role !== 'outside');
      if (
        members.every((state) => state.primary === primary && (state.role === 'arbiter' || state.commit > 0))
      )
        return primary;
    }
    throw new Error('no primary after 30 seconds');
  }

  /** Who takes writes, of the newest term. */
  primary(): NodeId | null {
    const { leader } = this.world;
    return leader !== null && this.state(leader).writable ? leader : null;
  }

  others(...nodes: NodeId[]): NodeId[] {
    return this.nodes.filter((node) => !nodes.includes(node));
  }

  state(node: NodeId): MemberState {
    return this.world.node(node).replica as MemberState;
  }

  wait(ms: number): void {
    this.world.advance(this.world.now + ms);
  }

  cut(from: readonly NodeId[], to: readonly NodeId[], oneWay = false): void {
    this.world.apply({ kind: 'cut', from: { nodes: [...from] }, to: { nodes: [...to] }, oneWay });
  }

  isolate(node: NodeId): void {
    this.cut([node], this.others(node));
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

  write(node: NodeId, key: string, value: string | number, options: Options = {}): OperationRecord {
    return this.ask(node, { kind: 'write', key, value, options });
  }

  read(node: NodeId, key: string, options: Options = {}): OperationRecord {
    return this.ask(node, { kind: 'read', key, options });
  }

  /** What a member has under a key, be it rolled back later. */
  held(node: NodeId, key: string): unknown {
    return this.world.view(node).data[key]?.values[0] ?? null;
  }

  /** How many elections have been won so far. */
  get elections(): number {
    return this.world.leaders.length;
  }

  judge(nodes: readonly NodeId[], knobs: object = {}): SideStatus {
    const members = nodes.map((node) => ({ node, view: this.world.view(node) }));
    return mongodb.judge(members, this.nodes, resolveKnobs(mongodb, knobs, this.nodes.length));
  }
}
