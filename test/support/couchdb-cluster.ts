import { winnerOf } from '../../shared/data/revision-tree.ts';
import { documentAt } from '../../shared/protocols/exchange/database.ts';
import { copiesOf } from '../../shared/protocols/exchange/shards.ts';
import type { CouchKnobs, CouchState, Document } from '../../shared/protocols/exchange/types.ts';
import type {
  NodeId,
  OperationRecord,
  OperationRequest,
  Options,
  Value,
} from '../../shared/sim/operation.ts';
import type { Protocol } from '../../shared/sim/protocol.ts';
import { couchdb } from '../../shared/systems/couchdb.ts';
import { RingCluster } from './ring-cluster.ts';

/** Long enough that every node of a cluster has noticed a cut: 75 s. */
export const NOTICED = 80_000;

/** Long enough after a heal that replicators have tried again, whatever their pause, or nodes have connected. */
export const REPLICATED = 400_000;

/** CouchDB on n1 … in a world, driven step by step by a test. */
export class CouchCluster extends RingCluster {
  /** `spares`: how many of the nodes, the last ones, are spare machines. */
  constructor(
    size: number,
    knobs: Partial<CouchKnobs> = {},
    protocol: Protocol = couchdb.protocol,
    spares = 0,
  ) {
    super(couchdb, size, knobs, protocol, spares);
  }

  /** An administrator at a node, who is more patient than a client: five minutes for every step. */
  change(node: NodeId, kind: 'join' | 'leave', key: NodeId, options: Options = {}): OperationRecord {
    const record = this.begin(node, kind, key, { options });
    for (let i = 0; i < 2000 && record.returned === null; i++) this.pass(1000);
    return record;
  }

  /** Asks, lets time pass until the answer is there (two waits of 60 s at most) and returns it. */
  override ask(
    node: NodeId,
    kind: OperationRequest['kind'],
    key: string,
    rest: { readonly value?: Value; readonly expected?: Value; readonly options?: Options } = {},
  ): OperationRecord {
    const record = this.begin(node, kind, key, rest);
    for (let i = 0; i < 13_000 && record.returned === null; i++) this.pass(10);
    return record;
  }

  write(node: NodeId, key: string, value: Value, options: Options = {}): OperationRecord {
    return this.ask(node, 'write', key, { value, options });
  }

  read(node: NodeId, key: string, options: Options = {}): OperationRecord {
    return this.ask(node, 'read', key, { options });
  }

  /** Which nodes of a cluster keep copies of a key. */
  copies(key: string): NodeId[] {
    const { nodes, knobs } = this.world.setup;
    return copiesOf(key, { nodes, knobs: knobs as CouchKnobs });
  }

  tree(node: NodeId, key: string): Document {
    return documentAt(this.world.node(node).replica as CouchState, key);
  }

  /** What each node shows of a key. */
  winners(key: string): unknown[] {
    return this.world.setup.nodes.map((node) => {
      const winner = winnerOf(this.tree(node, key));
      return winner === null || winner.deleted ? null : winner.value;
    });
  }
}
