import { assert } from '../base/assert.ts';
import { digest } from '../base/digest.ts';
import { clone } from '../base/json.ts';
import type { Table } from '../base/table.ts';
import { Cluster } from './cluster.ts';
import type { ClusterCommand, Traffic } from './command.ts';
import type { Fault, Quality } from './faults.ts';
import type { Counts, Leadership } from './ledger.ts';
import type { NodeState } from './node.ts';
import type { NodeId, OperationRecord } from './operation.ts';
import type { ReplicaView } from './protocol.ts';
import { refuse } from './refuse.ts';
import type { Setup } from './setup.ts';
import type { WorldState } from './state.ts';
import type { Flight, SeatInput, TimelineEvent } from './timeline.ts';

/**
 * A cluster in virtual time. Deterministic: the same setup and the same commands at the same times give
 * the same run, event by event, on any machine.
 */
export class World {
  readonly #cluster: Cluster;
  #wholeSince: number | null = 0;

  /** A world whose nodes have just been started, or one that goes on from what `save` kept. */
  constructor(setup: Setup, state: WorldState | null = null) {
    this.#cluster = new Cluster(setup);
    if (state === null) {
      for (const slot of this.#cluster.slots) this.#cluster.input(slot, { kind: 'start' });
    } else {
      this.#wholeSince = state.wholeSince;
      this.#cluster.load(clone(state));
    }
  }

  /** The world that `save` kept. It goes on exactly as the saved one would have. */
  static load(setup: Setup, state: WorldState): World {
    return new World(setup, state);
  }

  get setup(): Setup {
    return this.#cluster.setup;
  }

  /** Virtual time, milliseconds. */
  get now(): number {
    return this.#cluster.now;
  }

  /** Called with everything that happens, as it happens. Null while nobody watches. */
  set observe(observer: ((event: TimelineEvent) => void) | null) {
    this.#cluster.observe = observer;
  }

  /** Called with every input of every node, in order: what seats are sent. Null while nobody listens. */
  set onInput(listener: ((node: NodeId, input: SeatInput) => void) | null) {
    this.#cluster.onInput = listener;
  }

  get groups(): Readonly<Table<NodeId[]>> {
    return this.#cluster.network.groups;
  }

  get faults(): readonly Fault[] {
    return this.#cluster.network.faults;
  }

  /** Since when no link is cut; null while one is, 0 when none ever was. */
  get wholeSince(): number | null {
    return this.#wholeSince;
  }

  /** The history: every operation in the order of invocation. */
  get operations(): readonly OperationRecord[] {
    return this.#cluster.ledger.operations;
  }

  /** Every time a replica said that it now leads. */
  get leaders(): readonly Leadership[] {
    return this.#cluster.ledger.leaders;
  }

  get counts(): Readonly<Counts> {
    return this.#cluster.ledger.counts;
  }

  node(id: NodeId): Readonly<NodeState> {
    return this.#cluster.slot(id).node;
  }

  view(id: NodeId): ReplicaView {
    return this.setup.protocol.view(this.#cluster.slot(id).node.replica);
  }

  /** The node that leads now: of those that say so and run, the one of the highest term. */
  get leader(): NodeId | null {
    let best: { id: NodeId; term: number } | null = null;
    for (const { node } of this.#cluster.slots) {
      if (!node.up || node.paused) continue;
      const view = this.setup.protocol.view(node.replica);
      if (view.role === 'leader' && (best === null || (view.term ?? 0) > best.term)) {
        best = { id: node.id, term: view.term ?? 0 };
      }
    }
    return best?.id ?? null;
  }

  /** Whether what replicas (or clients) at one node send to another is lost now. */
  isCut(from: NodeId, to: NodeId, traffic: Traffic = 'replicas'): boolean {
    const { network, now } = this.#cluster;
    return network.isCut(this.#cluster.indexOf(from), this.#cluster.indexOf(to), traffic, now);
  }

  quality(from: NodeId, to: NodeId): Quality {
    return this.#cluster.network.quality(this.#cluster.indexOf(from), this.#cluster.indexOf(to));
  }

  /** Messages on their way, by arrival. */
  flights(): Flight[] {
    return this.#cluster.agenda.deliveries().map((delivery) => this.#cluster.flight(delivery));
  }

  /** Lets everything happen up to and including the virtual time `until`. */
  advance(until: number): void {
    const cluster = this.#cluster;
    assert(until >= cluster.now, `time would go back from ${cluster.now} to ${until}`);
    for (let item = cluster.agenda.next(until); item !== undefined; item = cluster.agenda.next(until)) {
      cluster.run(item);
    }
    cluster.now = until;
  }

  /** Lets the next event happen, whenever it is due. False when nothing is left. */
  stepEvent(): boolean {
    const item = this.#cluster.agenda.next(Number.MAX_SAFE_INTEGER);
    if (item !== undefined) this.#cluster.run(item);
    return item !== undefined;
  }

  /** Why a command cannot be carried out now, naming the field; null when it can. */
  refuse(command: ClusterCommand): string | null {
    return refuse(this, command);
  }

  /** Carries out a command now. It must not be one that `refuse` refuses. */
  apply(command: ClusterCommand): void {
    const refusal = this.refuse(command);
    assert(refusal === null, `a refused command is applied: ${refusal ?? ''}`);
    const cluster = this.#cluster;
    cluster.observe?.({ kind: 'command', at: cluster.now, command });
    switch (command.kind) {
      case 'operate':
        cluster.deliver(cluster.slot(command.node), { kind: 'operation', request: command.operation });
        return;
      case 'crash':
        cluster.crash(cluster.slot(command.node), command.disk);
        return;
      case 'restart':
        cluster.input(cluster.slot(command.node), { kind: 'start' });
        return;
      case 'pause':
        cluster.input(cluster.slot(command.node), { kind: 'pause' });
        return;
      case 'resume':
        cluster.resume(cluster.slot(command.node));
        return;
      case 'skew':
        cluster.input(cluster.slot(command.node), {
          kind: 'skew',
          offset: command.offset,
          ...(command.drift === undefined ? {} : { drift: command.drift }),
        });
        return;
      case 'jump':
        cluster.input(cluster.slot(command.node), { kind: 'jump', by: command.by });
        return;
      default:
        cluster.network.apply(command, cluster.now, () => this.leader);
        if (cluster.network.isPartitioned) this.#wholeSince = null;
        else this.#wholeSince ??= cluster.now;
    }
  }

  /** The whole world as plain data, sharing nothing with it. */
  save(): WorldState {
    return clone(this.state);
  }

  /** The whole world as plain data, to be looked at before it goes on: its parts are the world's own. */
  get state(): WorldState {
    return { ...this.#cluster.save(), wholeSince: this.#wholeSince };
  }

  /** A digest of the whole world: equal exactly when two folds agree. */
  digest(): string {
    return digest(this.state);
  }

  /** A digest of one node, as the browser that runs it computes its own. */
  nodeDigest(id: NodeId): string {
    return digest(this.#cluster.slot(id).node);
  }
}
