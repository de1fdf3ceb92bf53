import type { Durable, RiakState } from '../../shared/protocols/quorum/riak/types.ts';
import { foundingOwners, preferenceList } from '../../shared/protocols/quorum/riak/ring.ts';
import type {
  NodeId,
  OperationRecord,
  OperationRequest,
  Options,
  Value,
} from '../../shared/sim/operation.ts';
import type { Protocol } from '../../shared/sim/protocol.ts';
import { riak } from '../../shared/systems/riak.ts';
import { RingCluster } from './ring-cluster.ts';

/** Long enough that every node has noticed a cut: 75 s. */
export const NOTICED = 80_000;

/** Long enough after a heal that nodes have connected again and fallback vnodes have handed off. */
export const HANDED_OFF = 240_000;

/** A Riak cluster n1 … in a world, driven step by step by a test. */
export class RiakCluster extends RingCluster {
  constructor(size: number, knobs: object = {}, protocol: Protocol = riak.protocol, spares = 0) {
    super(riak, size, knobs, protocol, spares);
  }

  /** Asks, lets time pass until the answer is there (Riak's 60 s and a little more at most) and returns it. */
  override ask(
    node: NodeId,
    kind: OperationRequest['kind'],
    key: string,
    rest: { readonly value?: Value; readonly options?: Options } = {},
  ): OperationRecord {
    const record = this.begin(node, kind, key, rest);
    for (let i = 0; i < 6500 && record.returned === null; i++) this.pass(10);
    return record;
  }

  write(node: NodeId, key: string, value: Value, options: Options = {}): OperationRecord {
    return this.ask(node, 'write', key, { value, options });
  }

  read(node: NodeId, key: string, options: Options = {}): OperationRecord {
    return this.ask(node, 'read', key, { options });
  }

  /** What a read at this node finds: one value, or siblings. */
  values(node: NodeId, key: string, options: Options = {}): OperationRecord['result'] {
    const { result } = this.read(node, key, options);
    return result;
  }

  isolate(node: NodeId): void {
    this.world.apply({ kind: 'isolate', node });
  }

  /** Which nodes own the partitions of a key. */
  owners(key: string): NodeId[] {
    return preferenceList(key, foundingOwners(this.world.setup.nodes), 3, () => true).map(({ node }) => node);
  }

  disk(node: NodeId): Durable {
    return (this.world.node(node).replica as RiakState).durable;
  }
}
