import { rangeOf } from '../../shared/protocols/ownership/redis/slots.ts';
import type { RedisState } from '../../shared/protocols/ownership/redis/types.ts';
import type { NodeId, OperationRecord, OperationRequest } from '../../shared/sim/operation.ts';
import type { Mark } from '../../shared/sim/protocol.ts';
import { World } from '../../shared/sim/world.ts';
import { redisCluster } from '../../shared/systems/redis-cluster.ts';
import { resolveKnobs, type SideStatus } from '../../shared/systems/system.ts';

/** A Redis Cluster n1 … in a world. By default n1 to n3 are masters and n4 to n6 their replicas. */
export class RedisCluster {
  readonly world: World;
  readonly marks: { readonly at: number; readonly node: NodeId; readonly mark: Mark }[] = [];
  readonly #masters: number;

  constructor(knobs: object = {}, size = 6, seed = 7, spares: readonly NodeId[] = []) {
    const nodes = Array.from({ length: size }, (_, i) => `n${i + 1}`);
    const resolved = resolveKnobs(redisCluster, knobs, size - spares.length);
    this.#masters = Math.min(size - spares.length, Number(resolved['masters']));
    this.world = new World({
      protocol: redisCluster.protocol,
      driver: redisCluster.driver,
      knobs: resolved,
      nodes,
      ...(spares.length === 0 ? {} : { spares }),
      groups: {},
      network: { delay: 10, jitter: 5 },
      seed,
    });
    this.world.observe = (event) => {
      if (event.kind === 'mark') this.marks.push(event);
    };
  }

  /** Names of keys in the slots that the `range`-th master is given, from 0. */
  keys(range: number, count = 1, from = 0): string[] {
    const found: string[] = [];
    for (let i = from; found.length < count; i++) {
      if (rangeOf(`k${i}`, this.#masters) === range) found.push(`k${i}`);
    }
    return found;
  }

  key(range: number): string {
    return this.keys(range)[0] ?? '';
  }

  /** Asks without waiting. */
  begin(node: NodeId, operation: OperationRequest): OperationRecord {
    this.world.apply({ kind: 'operate', node, operation });
    return this.world.operations.at(-1) as OperationRecord;
  }

  /** Asks and lets time pass until the answer is there, or too much of it has passed. */
  ask(node: NodeId, operation: OperationRequest, limit = 20_000): OperationRecord {
    const record = this.begin(node, operation);
    for (let time = 0; time < limit && record.returned === null; time += 50) this.pass(50);
    return record;
  }

  write(node: NodeId, key: string, value: string | number): OperationRecord {
    return this.ask(node, { kind: 'write', key, value });
  }

  read(node: NodeId, key: string): OperationRecord {
    return this.ask(node, { kind: 'read', key });
  }

  pass(time: number): void {
    this.world.advance(this.world.now + time);
  }

  /** Lets time pass until something is so; fails after `limit`. Returns how long it took. */
  until(isSo: () => boolean, limit = 120_000): number {
    const begun = this.world.now;
    while (!isSo()) {
      if (this.world.now - begun > limit) throw new Error(`not so within ${limit} ms`);
      this.pass(50);
    }
    return this.world.now - begun;
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

  state(node: NodeId): RedisState {
    return this.world.node(node).replica as RedisState;
  }

  isMaster(node: NodeId): boolean {
    return this.state(node).durable.members[node]?.master === null;
  }

  judge(nodes: readonly NodeId[]): SideStatus {
    const members = nodes.map((node) => ({ node, view: this.world.view(node) }));
    return redisCluster.judge(members, this.world.setup.nodes, this.world.setup.knobs as never);
  }

  service(key: string, nodes: readonly NodeId[]): string | undefined {
    const members = nodes.map((node) => ({ node, view: this.world.view(node) }));
    return redisCluster.judgeKey?.(key, members, this.world.setup.nodes, this.world.setup.knobs as never);
  }

  /** The nodes that are not among these. */
  others(...nodes: NodeId[]): NodeId[] {
    return this.world.setup.nodes.filter((node) => !nodes.includes(node));
  }
}
