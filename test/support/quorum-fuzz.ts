import { canonical } from '../../shared/base/json.ts';
import { keysOf, type Table } from '../../shared/base/table.ts';
import { contains } from '../../shared/data/version-vector.ts';
import { ringOf } from '../../shared/protocols/quorum/membership.ts';
import { placement } from '../../shared/protocols/quorum/ring.ts';
import type { Copies, Copy, Durable, QuorumKnobs, QuorumState } from '../../shared/protocols/quorum/types.ts';
import type { NodeId, OperationRecord, OperationRequest } from '../../shared/sim/operation.ts';
import type { Protocol } from '../../shared/sim/protocol.ts';
import type { World } from '../../shared/sim/world.ts';
import { dynamo } from '../../shared/systems/dynamo.ts';
import type { FaultKind } from './fuzz-faults.ts';
import type { FuzzSubject, Invariants } from './fuzz.ts';
import { Violation } from './fuzz.ts';
import { compareVersions } from './version-order.ts';

const keys = ['cart', 'order', 'title'];
const kinds = ['write', 'write', 'write', 'add', 'add', 'remove', 'delete', 'read', 'read'] as const;

/** Dynamo under every fault that keeps disks. The claims hold for any settings. */
export function quorumFuzz(
  knobs: Partial<QuorumKnobs> = {},
  protocol: Protocol = dynamo.protocol,
): FuzzSubject {
  const settings: QuorumKnobs = { n: 3, r: 2, w: 2, sloppy: true, resolver: 'siblings', ...knobs };
  return {
    protocol,
    driver: dynamo.driver,
    knobs: settings,
    sizes: [4, 5, 6],
    faults: [
      ...['cut', 'cut', 'cut one way', 'cut a link', 'isolate', 'heal', 'heal', 'heal'],
      ...[
        'loss',
        'jitter',
        'duplication',
        'crash',
        'restart',
        'restart',
        'pause',
        'resume',
        'resume',
        'skew',
      ],
    ] as FuzzSubject['faults'],
    faultsFor: 20_000,
    // Enough rounds of anti-entropy that every pair of owners has met.
    recoveryFor: 100_000,
    answersWithin: 2000,
    operation: askedOf,
    probe: () => ({ kind: 'read', key: 'cart' }),
    invariants: (world) => new QuorumInvariants(world, settings),
  };
}

/** The same with machines that join the ring and leave it again, several at once and on both sides of a cut. */
export function dynamoMembersFuzz(
  knobs: Partial<QuorumKnobs> = {},
  protocol: Protocol = dynamo.protocol,
): FuzzSubject {
  const subject = quorumFuzz(knobs, protocol);
  return {
    ...subject,
    sizes: [7, 8],
    spares: 2,
    faults: [...subject.faults, ...Array<FaultKind>(4).fill('join'), ...Array<FaultKind>(4).fill('leave')],
  };
}

/** Written values and added items are unique, so that each names its operation. */
function askedOf(random: number, count: number): OperationRequest {
  const kind = kinds[random % kinds.length] ?? 'read';
  const key = keys[(random >>> 8) % keys.length] ?? 'cart';
  if (kind === 'write' || kind === 'add') return { kind, key, value: `v${count}` };
  if (kind === 'remove') return { kind, key, value: `v${(random >>> 16) % (count + 1)}` };
  return { kind, key };
}

class QuorumInvariants implements Invariants {
  readonly #world: World;
  readonly #knobs: QuorumKnobs;
  /** Every version that ever was at a node, by key and dot. */
  readonly #known = new Map<string, { readonly text: string; readonly key: string; readonly copy: Copy }>();
  readonly #checked = new WeakSet<object>();
  /** Operations without an outcome so far, and how many have been asked. */
  #open: OperationRecord[] = [];
  #asked = 0;

  constructor(world: World, knobs: QuorumKnobs) {
    this.#world = world;
    this.#knobs = knobs;
  }

  afterInput(world: World, node: NodeId): void {
    const { data, hints } = diskOf(world, node);
    this.#checkShelf(node, data);
    for (const owner of keysOf(hints)) this.#checkShelf(node, hints[owner] ?? {});
    while (this.#asked < world.operations.length)
      this.#open.push(world.operations[this.#asked++] as OperationRecord);
    if (this.#open.every(({ returned }) => returned === null)) return;
    for (const operation of this.#open) if (isAcknowledged(operation)) this.#checkCopies(operation);
    this.#open = this.#open.filter(({ returned }) => returned === null);
  }

  /**
   * Everybody agrees on the ring, owners agree, nobody keeps anything for others or that others own, and what was
   * acknowledged is there or was seen by its successor.
   */
  afterRecovery(world: World): void {
    const ring = this.#agreedRing();
    for (const node of world.setup.nodes) {
      const { hints, data } = diskOf(world, node);
      if (keysOf(hints).length > 0) throw new Violation('hints go home', `${node} keeps ${canonical(hints)}`);
      const foreign = keysOf(data).filter((key) => !placement(key, ring, this.#knobs.n).includes(node));
      if (foreign.length > 0)
        throw new Violation('only owners keep a key', `${node} has ${foreign.join(' ')}`);
    }
    for (const key of keys) {
      const owners = placement(key, ring, this.#knobs.n);
      const copies = owners.map((owner) => canonical(diskOf(world, owner).data[key] ?? []));
      if (new Set(copies).size > 1)
        throw new Violation('owners agree', `${key} at ${owners.join(' ')}: ${copies.join(' ')}`);
    }
    for (const operation of world.operations) {
      if (operation.returned === null) throw new Violation('operations end', operation.id);
      if (!isAcknowledged(operation)) continue;
      const owner = placement(operation.key, ring, 1)[0] ?? '';
      const versions = diskOf(world, owner).data[operation.key] ?? [];
      if (!this.#dotsOf(operation).some((copy) => covers(versions, copy))) {
        throw new Violation(
          'acknowledged writes stay',
          `${operation.id} wrote ${operation.value} to ${operation.key}`,
        );
      }
    }
  }

  /** The ring, of which all that are on it and all that have left it have heard. */
  #agreedRing(): readonly NodeId[] {
    const states = this.#world.setup.nodes.map((node) => this.#world.node(node).replica as QuorumState);
    const told = states.filter(({ self, durable }) => {
      const { changes = {} } = durable;
      return states.some((state) => ringOf(state).includes(self)) || self in changes;
    });
    const rings = told.map(({ durable, ...state }) =>
      canonical([durable.changes ?? {}, ringOf({ durable, ...state })]),
    );
    if (new Set(rings).size > 1) throw new Violation('all agree on the ring', rings.join(' '));
    return told.map(ringOf)[0] ?? [];
  }

  /** Versions are never changed in place, so what has been checked once is still right. */
  #checkShelf(node: NodeId, shelf: Readonly<Table<Copies>>): void {
    for (const key of keysOf(shelf)) {
      const versions = shelf[key] ?? [];
      if (this.#checked.has(versions)) continue;
      this.#checked.add(versions);
      checkConcurrent(node, key, versions);
      for (const copy of versions) {
        if (!this.#checked.has(copy)) this.#meet(key, copy);
        this.#checked.add(copy);
      }
    }
  }

  /** A dot names one write for ever, and its value is one that somebody asked for. */
  #meet(key: string, copy: Copy): void {
    const id = `${key} ${copy.dot.node}:${copy.dot.counter}`;
    const text = canonical(copy);
    const known = this.#known.get(id);
    if (known === undefined) {
      this.#known.set(id, { text, key, copy });
      this.#checkAsked(key, copy);
    } else if (known.text !== text)
      throw new Violation('dots are not reused', `${id} is ${known.text} and ${text}`);
  }

  #checkAsked(key: string, { value, deleted }: Copy): void {
    if (deleted) return;
    const asked = new Set(
      this.#world.operations.filter((operation) => operation.key === key).map(({ value: item }) => item),
    );
    for (const item of Array.isArray(value) ? value : [value]) {
      if (!asked.has(item as string))
        throw new Violation('no invented values', `${key} holds ${canonical(item)}`);
    }
  }

  /** At the moment of the acknowledgement W nodes have the write, or something whose writer had seen it. */
  #checkCopies(operation: OperationRecord): void {
    const { nodes } = this.#world.setup;
    const counts = this.#dotsOf(operation).map(
      (copy) =>
        nodes.filter((node) =>
          heldBy(diskOf(this.#world, node)).some(
            ([key, versions]) => key === operation.key && covers(versions, copy),
          ),
        ).length,
    );
    if (Math.max(0, ...counts) < this.#knobs.w) {
      throw new Violation(
        'W copies',
        `${operation.id} was acknowledged with ${Math.max(0, ...counts)} of ${this.#knobs.w}`,
      );
    }
  }

  /** The versions an operation made: several when its write was handed to a second coordinator. */
  #dotsOf({ key, value }: OperationRecord): Copy[] {
    const holding = [...this.#known.values()]
      .filter((known) => known.key === key)
      .map(({ copy }) => copy)
      .filter((copy) => (Array.isArray(copy.value) ? copy.value.includes(value) : copy.value === value));
    return holding.filter((copy) => !holding.some((other) => contains(copy.past, other.dot)));
  }
}

/** Writes and adds: their values are unique. */
function isAcknowledged({ kind, class: outcome }: OperationRecord): boolean {
  return outcome === 'ok' && (kind === 'write' || kind === 'add');
}

function covers(versions: Copies, copy: Copy): boolean {
  return versions.some((version) => ['same', 'after'].includes(compareVersions(version, copy)));
}

function checkConcurrent(node: NodeId, key: string, versions: Copies): void {
  for (const [i, a] of versions.entries()) {
    for (const b of versions.slice(i + 1)) {
      const order = compareVersions(a, b);
      if (order !== 'concurrent') throw new Violation('siblings are concurrent', `${node} ${key}: ${order}`);
    }
  }
}

function diskOf(world: World, id: NodeId): Durable {
  const node = world.node(id);
  return node.up ? (node.replica as QuorumState).durable : (node.durable as Durable);
}

/** What a node keeps, as an owner and for others. */
function heldBy({ data, hints }: Durable): [key: string, versions: Copies][] {
  return [data, ...keysOf(hints).map((owner) => hints[owner] ?? {})].flatMap((shelf) =>
    keysOf(shelf).map((key): [string, Copies] => [key, shelf[key] ?? []]),
  );
}
