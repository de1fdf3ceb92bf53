import { canonical } from '../../shared/base/json.ts';
import { keysOf, lookUp } from '../../shared/base/table.ts';
import { covers, type Event, type VectorClock } from '../../shared/data/vector-clock.ts';
import { valueOf } from '../../shared/protocols/quorum/riak/data-types.ts';
import type { RiakDriverState } from '../../shared/protocols/quorum/riak/driver.ts';
import { EMPTY, type Entry } from '../../shared/protocols/quorum/riak/entry.ts';
import { isSpare, ownersOf } from '../../shared/protocols/quorum/riak/membership.ts';
import { primariesOf } from '../../shared/protocols/quorum/riak/ring.ts';
import type { Durable, RiakKnobs, RiakState } from '../../shared/protocols/quorum/riak/types.ts';
import type { NodeId, OperationRecord, OperationRequest, Stored } from '../../shared/sim/operation.ts';
import type { Protocol } from '../../shared/sim/protocol.ts';
import type { World } from '../../shared/sim/world.ts';
import { riak } from '../../shared/systems/riak.ts';
import { type FuzzSubject, type Invariants, Violation } from './fuzz.ts';
import type { FaultKind } from './fuzz-faults.ts';

/** What Riak is known for, counted over runs. */
export type Losses = {
  /** Acknowledged writes that nobody who had seen them replaced, and that are gone: the price of no siblings. */
  acknowledgedWrites: number;
  /** Increments that counted twice, because a write was handed to a second coordinator: they are not idempotent. */
  doubleCounts: number;
};

/** Only written and read: what happens to a write of it is known from the contexts alone. */
const TITLE = 'title';
const COUNT = 'likes';
const CART = 'cart';
const kinds = ['write', 'write', 'write', 'increment', 'add', 'remove', 'delete', 'read', 'read'] as const;

/** Cuts last long enough to be noticed: to resume what is not paused is no fault. */
const nothing = Array.from({ length: 48 }, (): FaultKind => 'resume');

/** Riak under every fault that keeps disks. */
export function riakFuzz(
  knobs: Partial<RiakKnobs> = {},
  losses: Losses = { acknowledgedWrites: 0, doubleCounts: 0 },
  protocol: Protocol = riak.protocol,
): FuzzSubject {
  const settings: RiakKnobs = { n: 3, allowMult: true, lastWriteWins: false, dvv: true, ...knobs };
  return {
    protocol,
    driver: riak.driver,
    knobs: settings,
    sizes: [4, 5],
    faults: [
      ...(['cut', 'cut', 'cut one way', 'isolate', 'heal', 'crash', 'restart', 'restart'] as const),
      ...(['pause', 'loss', 'jitter', 'duplication', 'skew'] as const),
      ...nothing,
    ],
    faultsFor: 120_000,
    // To connect again, to hand off, and enough exchanges that every pair of vnodes has met.
    recoveryFor: 600_000,
    answersWithin: 2000,
    operation: askedOf,
    probe: () => ({ kind: 'read', key: TITLE }),
    invariants: (world) => new RiakInvariants(world, settings, losses),
  };
}

/** Written values and added items are unique, so that each names its operation. */
function askedOf(random: number, count: number): OperationRequest {
  const kind = kinds[random % kinds.length] ?? 'read';
  switch (kind) {
    case 'write':
      return { kind, key: (random >>> 8) % 2 === 0 ? TITLE : 'order', value: `v${count}` };
    case 'increment':
      return { kind, key: COUNT, value: 1 + ((random >>> 8) % 3) };
    case 'add':
      return { kind, key: CART, value: `v${count}` };
    case 'remove':
      return { kind, key: CART, value: `v${Math.max(0, count - ((random >>> 16) % 60))}` };
    case 'delete':
      return { kind, key: 'order' };
    default:
      return { kind, key: [TITLE, 'order', COUNT, CART][(random >>> 8) % 4] ?? TITLE };
  }
}

class RiakInvariants implements Invariants {
  readonly #world: World;
  readonly #knobs: RiakKnobs;
  readonly #losses: Losses;
  /** The value of every event that ever was at a vnode, by key and event, and the events of every value. */
  readonly #written = new Map<string, string>();
  readonly #events = new Map<string, Event[]>();
  readonly #values = new Set<string>();
  readonly #checked = new WeakSet<object>();
  /** What the person at each node has seen of the title, and what its writers had seen. */
  readonly #known = new Map<NodeId, VectorClock>();
  readonly #contexts: VectorClock[] = [];
  #asked = 0;
  #read = 0;

  constructor(world: World, knobs: RiakKnobs, losses: Losses) {
    this.#world = world;
    this.#knobs = knobs;
    this.#losses = losses;
  }

  afterInput(world: World, node: NodeId): void {
    const { vnodes } = diskOf(world, node);
    for (const partition of keysOf(vnodes)) {
      const shelf = lookUp(vnodes, partition) ?? {};
      for (const key of keysOf(shelf)) this.#check(node, key, shelf[key]?.entry ?? EMPTY);
    }
    for (; this.#asked < world.operations.length; this.#asked++) this.#note(world.operations[this.#asked]);
    this.#remember(node);
  }

  afterRecovery(world: World): void {
    for (const node of world.setup.nodes) {
      const facts = world.view(node).facts.filter(([label]) => !['claimant', 'leaving'].includes(label));
      if (facts.length > 0)
        throw new Violation('all is handed off and connected', `${node}: ${canonical(facts)}`);
    }
    for (const key of [TITLE, 'order', COUNT, CART]) this.#checkAgreement(key);
    this.#checkCounter();
    this.#checkCart();
    this.#checkTitle();
  }

  /** The context of a write is what its driver knew before it was asked: a title is written without a fetch. */
  #note(operation: OperationRecord | undefined): void {
    if (operation?.kind !== 'write' || operation.key !== TITLE) return;
    const known = this.#known.get(operation.node);
    if (known !== undefined) this.#contexts.push(known);
  }

  #remember(node: NodeId): void {
    const { up, driver } = this.#world.node(node);
    const context = up ? lookUp((driver as RiakDriverState).contexts, TITLE) : undefined;
    if (context === undefined) this.#known.delete(node);
    else this.#known.set(node, context);
  }

  /** Entries are never changed in place, so what has been checked once is still right. */
  #check(node: NodeId, key: string, { object }: Entry): void {
    if (this.#checked.has(object)) return;
    this.#checked.add(object);
    if (!this.#knobs.allowMult && object.values.length > 1) {
      throw new Violation('one value without allow_mult', `${node} ${key}`);
    }
    for (const { dot, value } of object.values) {
      const event = `${key} ${dot.actor}:${dot.counter}`;
      const text = canonical(value);
      const known = this.#written.get(event);
      if (known !== undefined && known !== text) {
        throw new Violation('events are not reused', `${event} is ${known} and ${text}`);
      }
      if (!covers(object.seen, dot)) throw new Violation('values have been seen', `${node} ${event}`);
      this.#written.set(event, text);
      if (value.deleted) continue;
      if (known === undefined) {
        const others = this.#events.get(canonical(value.value)) ?? [];
        this.#events.set(canonical(value.value), [...others, dot]);
      }
      const asked = this.#askedValues();
      if (!asked.has(canonical([key, value.value])))
        throw new Violation('no invented values', `${key} holds ${text}`);
    }
  }

  /** Keys and values that somebody has written. */
  #askedValues(): ReadonlySet<string> {
    const { operations } = this.#world;
    for (; this.#read < operations.length; this.#read++) {
      const { key, value } = operations[this.#read] as OperationRecord;
      this.#values.add(canonical([key, value]));
    }
    return this.#values;
  }

  #checkAgreement(key: string): void {
    const copies = this.#copiesOf(key).map(canonical);
    if (new Set(copies).size > 1) throw new Violation('primaries agree', `${key}: ${copies.join(' ')}`);
  }

  #copiesOf(key: string): Entry[] {
    const owners = this.#owners();
    return primariesOf(key, owners, this.#knobs.n).map((partition) => {
      const { vnodes } = diskOf(this.#world, owners[partition] ?? '');
      return lookUp(lookUp(vnodes, String(partition)) ?? {}, key)?.entry ?? EMPTY;
    });
  }

  /** Who serves each partition, as the members have it at the end. */
  #owners(): readonly NodeId[] {
    const states = this.#world.setup.nodes.map((node) => this.#world.node(node).replica as RiakState);
    return ownersOf(states.find((state) => !isSpare(state)) as RiakState);
  }

  /** Every acknowledged increment counts, and now and then one counts twice. */
  #checkCounter(): void {
    const counts = this.#world.operations.filter(({ kind }) => kind === 'increment');
    const sum = (outcomes: readonly string[]) =>
      counts
        .filter((record) => outcomes.includes(record.class))
        .reduce((total, { value }) => total + Number(value), 0);
    const total = Number(this.#typeOf(COUNT, 'counter') ?? 0);
    if (total < sum(['ok'])) throw new Violation('increments count', `${total} of ${sum(['ok'])}`);
    if (total > sum(['ok', 'info'])) this.#losses.doubleCounts++;
  }

  /** What was added and nobody ever tried to remove is there. */
  #checkCart(): void {
    const items = this.#typeOf(CART, 'set') ?? [];
    const removed = this.#world.operations.filter(({ kind }) => kind === 'remove').map(({ value }) => value);
    for (const record of this.#world.operations) {
      if (record.kind !== 'add' || record.class !== 'ok' || removed.includes(record.value)) continue;
      if (!Array.isArray(items) || !items.includes(record.value)) {
        throw new Violation('added items stay', `${record.value} is not in ${canonical(items)}`);
      }
    }
  }

  #typeOf(key: string, type: string): Stored | null {
    const held = lookUp(this.#copiesOf(key)[0]?.types ?? {}, type);
    return held === undefined ? null : valueOf(held);
  }

  /** An acknowledged write is there, or somebody who had seen it has written since. */
  #checkTitle(): void {
    const here = (this.#copiesOf(TITLE)[0] ?? EMPTY).object.values.map(({ value }) => canonical(value.value));
    for (const record of this.#world.operations) {
      if (record.kind !== 'write' || record.key !== TITLE || record.class !== 'ok') continue;
      const text = canonical(record.value);
      const events = this.#events.get(text) ?? [];
      const isReplaced =
        events.length > 0 &&
        events.every((event) => this.#contexts.some((context) => covers(context, event)));
      if (here.includes(text) || isReplaced) continue;
      this.#losses.acknowledgedWrites++;
      if (this.#knobs.allowMult)
        throw new Violation('acknowledged writes stay', `${record.id} wrote ${text}`);
    }
  }
}

function diskOf(world: World, id: NodeId): Durable {
  const node = world.node(id);
  return node.up ? (node.replica as RiakState).durable : (node.durable as Durable);
}
