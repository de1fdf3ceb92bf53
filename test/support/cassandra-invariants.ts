import { canonical } from '../../shared/base/json.ts';
import { keysOf } from '../../shared/base/table.ts';
import { mergeCells } from '../../shared/data/cells.ts';
import { blockFor, type Consistency } from '../../shared/protocols/quorum/cassandra/consistency.ts';
import type { Durable, PaxosState } from '../../shared/protocols/quorum/cassandra/types.ts';
import { placement } from '../../shared/protocols/quorum/ring.ts';
import type { NodeId, OperationRecord } from '../../shared/sim/operation.ts';
import type { World } from '../../shared/sim/world.ts';
import {
  checkAgreement,
  checkAsked,
  checkCounter,
  checkOrder,
  checkSeat,
  diskOf,
  hasSince,
  timestampOf,
} from './cassandra-claims.ts';
import { type Invariants, Violation } from './fuzz.ts';

/** What Cassandra is known for, counted where a run has it. */
export type Anomalies = Map<
  | 'a stale read'
  | 'a later write lost to an earlier one'
  | 'a deleted value came back'
  | 'half a transaction completed',
  number
>;

/** What Cassandra promises while no node comes or goes, at each consistency level. */
export class CassandraInvariants implements Invariants {
  readonly #world: World;
  readonly #anomalies: Anomalies;
  readonly #factor: number;
  readonly #before = new Map<NodeId, Durable['rows']>();
  readonly #proposals = new Map<string, string>();
  readonly #checked = new WeakSet<PaxosState>();
  #open: OperationRecord[] = [];
  #asked = 0;

  constructor(world: World, anomalies: Anomalies) {
    this.#world = world;
    this.#anomalies = anomalies;
    this.#factor = (world.setup.knobs as { replicationFactor: number }).replicationFactor;
  }

  afterInput(world: World, node: NodeId): void {
    const disk = diskOf(world, node);
    this.#checkRows(node, disk);
    this.#checkProposals(disk);
    while (this.#asked < world.operations.length) {
      this.#open.push(world.operations[this.#asked++] as OperationRecord);
    }
    const done = this.#open.filter(({ returned }) => returned !== null);
    if (done.length === 0) return;
    for (const operation of done) if (operation.class === 'ok') this.#checkAnswer(operation);
    this.#open = this.#open.filter(({ returned }) => returned === null);
  }

  /** All replicas agree after the repairs; counters have lost nothing; what is lost is lost to a later timestamp. */
  afterRecovery(world: World): void {
    for (const key of this.#keys()) checkAgreement(world, key, this.#ownersOf(key));
    checkCounter(world, this.#ownersOf('likes')[0] ?? '');
    this.#lookForLostWrites();
  }

  /** What a replica has of a cell never gets older. Rows are never changed in place. */
  #checkRows(node: NodeId, { rows }: Durable): void {
    const before = this.#before.get(node) ?? {};
    for (const key of keysOf(rows)) {
      const [was, is] = [before[key] ?? {}, rows[key] ?? {}];
      if (was === is) continue;
      if (canonical(mergeCells(is, was)) !== canonical(is) && !this.#purges()) {
        throw new Violation('cells only get newer', `${node} had ${canonical(was)}, has ${canonical(is)}`);
      }
      checkAsked(this.#world, key, is);
    }
    this.#before.set(node, { ...rows });
  }

  /** A ballot stands for one proposal. What a replica keeps of a key's Paxos is never changed in place. */
  #checkProposals({ paxos }: Durable): void {
    for (const key of keysOf(paxos)) {
      const kept = paxos[key];
      if (kept === undefined || this.#checked.has(kept)) continue;
      this.#checked.add(kept);
      for (const proposal of [kept.accepted, kept.committed]) {
        if (proposal === null) continue;
        const id = `${key} ${proposal.ballot.at} ${proposal.ballot.node}`;
        const text = canonical(proposal.cells);
        if ((this.#proposals.get(id) ?? text) !== text) {
          throw new Violation(
            'a ballot stands for one proposal',
            `${id}: ${this.#proposals.get(id)} and ${text}`,
          );
        }
        this.#proposals.set(id, text);
      }
    }
  }

  #checkAnswer(operation: OperationRecord): void {
    const { kind, key, options } = operation;
    if (kind === 'write' || kind === 'add') {
      if (operation.result?.applied === undefined) this.#checkCopies(operation, levelOf(operation));
    }
    // QUORUM writes and reads alone.
    if (key === 'title' && kind === 'read') checkOrder(operation, this.#world.operations);
    if (key.startsWith('seat')) this.#checkSeat(operation);
    if (kind === 'read' && options?.['consistency'] === 'ONE') this.#lookForStaleRead(operation);
  }

  /** At the moment of the acknowledgement as many replicas have the write, or something later, as the level says. */
  #checkCopies(operation: OperationRecord, level: Consistency): void {
    const { id, key, value } = operation;
    const at = timestampOf(operation);
    const owners = this.#ownersOf(key);
    const has = ({ rows }: Durable) => hasSince(rows[key] ?? {}, at);
    const copies = owners.filter((owner) => has(diskOf(this.#world, owner))).length;
    const hints = this.#world.setup.nodes.filter((node) =>
      owners.some((owner) => hasSince(diskOf(this.#world, node).hints[owner]?.[key]?.cells ?? {}, at)),
    ).length;
    if (copies < blockFor(level, this.#factor) && (level !== 'ANY' || copies + hints === 0)) {
      throw new Violation(
        'as many copies as the level says',
        `${id} (${String(value)}, ${level}): ${copies}`,
      );
    }
  }

  #checkSeat(operation: OperationRecord): void {
    const owner = checkSeat(this.#world, operation);
    const taker = this.#world.operations.find(({ key, value }) => key === operation.key && value === owner);
    if (taker?.class === 'info' && taker.returned !== null) this.#count('half a transaction completed');
  }

  /** An acknowledged write that came after another had been acknowledged, and yet lost to it: clocks differ. */
  #lookForLostWrites(): void {
    const row = diskOf(this.#world, this.#ownersOf('order')[0] ?? '').rows['order'] ?? {};
    const final = row['/value'];
    const writes = this.#world.operations.filter(({ kind, key }) => key === 'order' && kind === 'write');
    const winner = writes.find(({ value }) => final?.deleted === null && value === final.value);
    if (winner === undefined) return;
    const end = winner.returned ?? Number.MAX_SAFE_INTEGER;
    if (writes.some(({ class: outcome, invoked }) => outcome === 'ok' && invoked > end)) {
      this.#count('a later write lost to an earlier one');
    }
    const deletes = this.#world.operations.filter(({ kind, key }) => key === 'order' && kind === 'delete');
    if (deletes.some((one) => one.class === 'ok' && timestampOf(one) > timestampOf(winner))) {
      this.#count('a deleted value came back');
    }
  }

  #lookForStaleRead(read: OperationRecord): void {
    const earlier = this.#world.operations.filter(
      ({ kind, key, class: outcome, returned }) =>
        key === read.key &&
        kind === 'write' &&
        outcome === 'ok' &&
        returned !== null &&
        returned < read.invoked,
    );
    if (earlier.some((write) => timestampOf(write) > timestampOf(read))) this.#count('a stale read');
  }

  #count(what: Anomalies extends Map<infer K, number> ? K : never): void {
    this.#anomalies.set(what, (this.#anomalies.get(what) ?? 0) + 1);
  }

  #purges(): boolean {
    return (this.#world.setup.knobs as { gcGrace: number }).gcGrace < 1000;
  }

  #keys(): Set<string> {
    return new Set(this.#world.operations.map(({ key }) => key));
  }

  #ownersOf(key: string): NodeId[] {
    return placement(key, this.#world.setup.nodes, this.#factor);
  }
}

function levelOf({ options }: OperationRecord): Consistency {
  return (options?.['consistency'] as Consistency | undefined) ?? 'ONE';
}
