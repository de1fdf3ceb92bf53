import { canonical } from '../../shared/base/json.ts';
import { keysOf } from '../../shared/base/table.ts';
import { conflictsOf, knows, merge, revisionOf } from '../../shared/data/revision-tree.ts';
import { copiesOf } from '../../shared/protocols/exchange/shards.ts';
import type {
  CouchKnobs,
  CouchState,
  Document,
  DocumentLeaf,
  Durable,
} from '../../shared/protocols/exchange/types.ts';
import type { NodeId, OperationRecord, OperationRequest } from '../../shared/sim/operation.ts';
import type { Protocol } from '../../shared/sim/protocol.ts';
import type { World } from '../../shared/sim/world.ts';
import { couchdb } from '../../shared/systems/couchdb.ts';
import { type FuzzSubject, type Invariants, Violation } from './fuzz.ts';
import type { FaultKind } from './fuzz-faults.ts';

/** What CouchDB is known for, counted over runs. */
export type Surprises = {
  /** Writes that were acknowledged, that nobody wrote over, and that no plain read shows. */
  hidden: number;
  /** Deleted documents that an edit of the other side brought back. */
  resurrected: number;
  /** Writes that reached too few copies and were accepted: 202. */
  accepted: number;
};

export function noSurprises(): Surprises {
  return { hidden: 0, resurrected: 0, accepted: 0 };
}

export const KEYS = ['order', 'title', 'cart'] as const;
const kinds = ['write', 'write', 'write', 'delete', 'add', 'remove', 'cas', 'read', 'read'] as const;

const nothing = Array.from({ length: 24 }, (): FaultKind => 'resume');

/** CouchDB under every fault that keeps disks. */
export function couchFuzz(
  knobs: Partial<CouchKnobs> = {},
  surprises: Surprises = noSurprises(),
  protocol: Protocol = couchdb.protocol,
): FuzzSubject {
  const settings: CouchKnobs = {
    ...{ mode: 'peers', q: 2, n: 3, neighbours: 8, replication: 'continuous' },
    ...knobs,
  };
  return {
    protocol,
    driver: couchdb.driver,
    knobs: settings,
    sizes: [3, 4, 5],
    faults: [
      ...(['cut', 'cut', 'cut one way', 'isolate', 'heal', 'crash', 'restart', 'restart'] as const),
      ...(['pause', 'loss', 'jitter', 'duplication', 'skew'] as const),
      ...nothing,
    ],
    faultsFor: 120_000,
    // The longest pause of a job that has crashed twice, and time to connect again.
    recoveryFor: 400_000,
    answersWithin: 2000,
    operation: askedOf,
    probe: () => ({ kind: 'read', key: 'order' }),
    invariants: (world) => {
      const { nodes } = world.setup;
      const holders = (key: string) =>
        settings.mode === 'peers' ? nodes : copiesOf(key, { nodes, knobs: settings });
      return new CouchInvariants(world, holders, surprises);
    },
  };
}

/** Written values and added items are unique, so that each names its operation. */
function askedOf(random: number, count: number): OperationRequest {
  const kind = kinds[random % kinds.length] ?? 'read';
  const key = KEYS[(random >>> 8) % 2] ?? 'order';
  switch (kind) {
    case 'write':
      return { kind, key, value: `v${count}` };
    case 'add':
      return { kind, key: 'cart', value: `v${count}` };
    case 'remove':
      return { kind, key: 'cart', value: `v${Math.max(0, count - ((random >>> 16) % 60))}` };
    case 'cas':
      return { kind, key, value: `v${count}`, expected: null };
    default:
      return { kind, key };
  }
}

/** What holds of documents wherever they are kept. `holders`: where all copies of a key are to be in the end. */
export class CouchInvariants implements Invariants {
  readonly #world: World;
  readonly #holders: (key: string) => readonly NodeId[];
  readonly #surprises: Surprises;
  /** Every leaf that ever was, by key and revision. */
  readonly #leaves = new Map<string, DocumentLeaf>();
  /** The tree of each node and key as it was last seen. */
  readonly #before = new Map<string, Document>();

  constructor(world: World, holders: (key: string) => readonly NodeId[], surprises: Surprises) {
    this.#world = world;
    this.#holders = holders;
    this.#surprises = surprises;
  }

  afterInput(world: World, node: NodeId): void {
    const { documents, cluster, stopped } = diskOf(world, node);
    for (const key of keysOf(documents)) this.#check(node, key, documents[key]?.revisions ?? []);
    for (const key of KEYS) {
      const isRemoved = documents[key] === undefined && this.#before.delete(`${node} ${key}`);
      if (isRemoved && cluster === undefined && stopped === undefined)
        throw new Violation('trees only grow', `${node} has removed ${key}`);
    }
  }

  afterRecovery(world: World): void {
    for (const key of KEYS) {
      const trees = this.#holders(key).map((node) => diskOf(world, node).documents[key]?.revisions ?? []);
      if (new Set(trees.map(canonical)).size > 1) {
        throw new Violation('copies agree', `${key}: ${trees.map(canonical).join(' ')}`);
      }
      this.#checkNothingLost(key, trees[0] ?? []);
    }
    this.#checkRefusals();
  }

  /** Documents are never changed in place, so what has been checked once is still right. */
  #check(node: NodeId, key: string, document: Document): void {
    const place = `${node} ${key}`;
    const before = this.#before.get(place);
    if (before === document) return;
    if (before !== undefined && canonical(merge(before, document)) !== canonical(document)) {
      throw new Violation('trees only grow', `${place}: ${canonical(before)} became ${canonical(document)}`);
    }
    this.#before.set(place, document);
    for (const leaf of document) {
      const name = `${key} ${revisionOf(leaf)}`;
      const known = this.#leaves.get(name);
      if (known !== undefined && canonical(known) !== canonical(leaf)) {
        throw new Violation('a revision is one content', `${name}: ${canonical(known)}, ${canonical(leaf)}`);
      }
      this.#leaves.set(name, leaf);
      const others = document.filter((other) => other !== leaf);
      if (knows(others, leaf)) throw new Violation('leaves are leaves', `${place}: ${canonical(document)}`);
    }
  }

  #checkRefusals(): void {
    const values = new Set([...this.#leaves.values()].map(({ value }) => value));
    for (const { id, kind, value, class: outcome } of this.#world.operations) {
      if ((kind === 'write' || kind === 'cas') && outcome === 'fail' && values.has(value)) {
        throw new Violation('refused writes do not happen', id);
      }
    }
  }

  /** Every acknowledged write is in the tree: as its winner, as a branch that nobody sees, or written over. */
  #checkNothingLost(key: string, document: Document): void {
    for (const record of this.#world.operations) {
      if (record.key !== key || record.class !== 'ok') continue;
      const { version, status } = record.result ?? {};
      if (status === 202) this.#surprises.accepted++;
      if (version === undefined || !isWrite(record)) continue;
      const [generation = '', hash = ''] = version.split('-');
      const leaf = { generation: Number(generation), path: [hash], deleted: false, value: null };
      if (!knows(document, leaf)) {
        throw new Violation('acknowledged writes stay', `${record.id} wrote ${key} ${version}`);
      }
      const isHidden = conflictsOf(document).some((loser) => revisionOf(loser) === version);
      if (isHidden) this.#surprises.hidden++;
    }
    const [winner, ...losers] = document;
    if (winner?.deleted === false && losers.some(({ deleted }) => deleted)) this.#surprises.resurrected++;
  }
}

function isWrite({ kind, result }: OperationRecord): boolean {
  return kind !== 'read' && result?.applied !== false;
}

export function diskOf(world: World, id: NodeId): Durable {
  const node = world.node(id);
  return node.up ? (node.replica as CouchState).durable : (node.durable as Durable);
}
