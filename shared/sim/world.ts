import { assert, unreachable } from '../base/assert.ts';
import { digest } from '../base/digest.ts';
import { clone } from '../base/json.ts';
import { draw, streamSeed } from '../base/random.ts';
import type { Table } from '../base/table.ts';
import { Agenda, type AgendaItem, type Delivery } from './agenda.ts';
import { LEADER, type ClusterCommand } from './command.ts';
import { Ledger, type Counts, type Leadership } from './ledger.ts';
import { Network, type Fault, type Quality } from './network.ts';
import {
  createNode,
  takeInput,
  type Body,
  type NodeDefinition,
  type NodeHost,
  type NodeInput,
  type NodeState,
} from './node.ts';
import type { NodeId, Operation, OperationRecord, Outcome } from './operation.ts';
import type { Mark, ReplicaView } from './protocol.ts';
import { refuse } from './refuse.ts';
import type { Slot, WorldState } from './state.ts';
import type { Flight, LossCause, SeatInput, TimelineEvent } from './timeline.ts';

/** Everything that decides a run before anybody acts: the same setup gives the same run. */
export interface Setup extends NodeDefinition {
  readonly groups: Table<NodeId[]>;
  /** The quality of links that nobody has touched, milliseconds. */
  readonly network: { readonly delay: number; readonly jitter: number };
  /** A uint32. */
  readonly seed: number;
}

/** What a paused node holds back at most; beyond it messages are lost, as in a full socket buffer. */
const BACKLOG_MAX = 10_000;

/**
 * A cluster: nodes, links, virtual time and one queue of what will happen. Deterministic: the same setup
 * and the same commands at the same times give the same run, event by event, on any machine.
 */
export class World {
  readonly #setup: Setup;
  readonly #index: ReadonlyMap<NodeId, number>;
  readonly #slots: readonly Slot[];
  readonly #seeds: readonly number[];
  readonly #network: Network;
  readonly #agenda: Agenda;
  readonly #host: NodeHost;
  #now = 0;
  readonly #ledger = new Ledger();

  /** Called with everything that happens, as it happens. Null while nobody watches. */
  observe: ((event: TimelineEvent) => void) | null = null;
  /** Called with every input of every node, in order: what seats are sent. Null while nobody listens. */
  onInput: ((node: NodeId, input: SeatInput) => void) | null = null;

  constructor(setup: Setup) {
    this.#setup = setup;
    this.#index = new Map(setup.nodes.map((node, index) => [node, index]));
    this.#seeds = setup.nodes.map((node) => streamSeed(setup.seed, node));
    this.#slots = setup.nodes.map((id, index) => ({ node: createNode(setup, id), index, backlog: [] }));
    this.#agenda = new Agenda(setup.nodes.length);
    this.#network = new Network(setup.nodes, setup.groups, setup.network, setup.protocol.channel, setup.seed);
    this.#host = this.#createHost();
    for (const slot of this.#slots) this.#input(slot, { kind: 'start' });
  }

  /** The world that `save` kept. It goes on exactly as the saved one would have. */
  static load(setup: Setup, state: WorldState): World {
    const world = new World(setup);
    world.#load(clone(state));
    return world;
  }

  get now(): number {
    return this.#now;
  }

  get setup(): Setup {
    return this.#setup;
  }

  get groups(): Readonly<Table<NodeId[]>> {
    return this.#network.groups;
  }

  get faults(): readonly Fault[] {
    return this.#network.faults;
  }

  /** The history: every operation in the order of invocation. */
  get operations(): readonly OperationRecord[] {
    return this.#ledger.operations;
  }

  /** Every time a replica said that it now leads. */
  get leaders(): readonly Leadership[] {
    return this.#ledger.leaders;
  }

  /** Messages sent, delivered and lost by cause, and events in all. Sent = delivered + lost + in flight. */
  get counts(): Readonly<Counts> {
    return this.#ledger.counts;
  }

  node(id: NodeId): Readonly<NodeState> {
    return this.#slot(id).node;
  }

  view(id: NodeId): ReplicaView {
    return this.#setup.protocol.view(this.#slot(id).node.replica);
  }

  /** The node that leads now: of those that say so and run, the one of the highest term. */
  get leader(): NodeId | null {
    let best: { id: NodeId; term: number } | null = null;
    for (const { node } of this.#slots) {
      if (!node.up || node.paused) continue;
      const view = this.#setup.protocol.view(node.replica);
      if (view.role === 'leader' && (best === null || (view.term ?? 0) > best.term)) {
        best = { id: node.id, term: view.term ?? 0 };
      }
    }
    return best?.id ?? null;
  }

  isCut(from: NodeId, to: NodeId): boolean {
    return this.#network.isCut(this.#at(from), this.#at(to));
  }

  quality(from: NodeId, to: NodeId): Quality {
    return this.#network.quality(this.#at(from), this.#at(to));
  }

  /** Messages on their way, in no particular order. */
  flights(): Flight[] {
    const flights: Flight[] = [];
    for (const item of this.#agenda.items) if (item.kind === 'deliver') flights.push(this.#flight(item));
    return flights;
  }

  /** Lets everything happen up to and including the virtual time `until`. */
  advance(until: number): void {
    assert(until >= this.#now, `time would go back from ${this.#now} to ${until}`);
    for (let item = this.#agenda.next(until); item !== undefined; item = this.#agenda.next(until))
      this.#run(item);
    this.#now = until;
  }

  /** Lets the next event happen, whenever it is due. False when nothing is left. */
  stepEvent(): boolean {
    const item = this.#agenda.next(Number.MAX_SAFE_INTEGER);
    if (item !== undefined) this.#run(item);
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
    this.observe?.({ kind: 'command', at: this.#now, command });
    switch (command.kind) {
      case 'operate':
        this.#deliver(this.#slot(command.node), { kind: 'operation', request: command.operation });
        return;
      case 'cut':
        this.#network.cut({ from: command.from, to: command.to, oneWay: command.oneWay });
        return;
      case 'heal':
        this.#network.heal(command.between);
        return;
      case 'undo':
        this.#network.undo(command.fault);
        return;
      case 'isolate': {
        const node = command.node === LEADER ? this.leader : command.node;
        // Nobody may lead at the moment a script names; then there is nobody to isolate.
        if (node !== null) this.#network.isolate(node);
        return;
      }
      case 'link': {
        const { kind: _, from, to, oneWay, ...quality } = command;
        this.#network.setQuality({ from, to, oneWay }, quality);
        return;
      }
      case 'crash':
        this.#crash(this.#slot(command.node), command.disk);
        return;
      case 'restart':
        this.#input(this.#slot(command.node), { kind: 'start' });
        return;
      case 'pause':
        this.#input(this.#slot(command.node), { kind: 'pause' });
        return;
      case 'resume':
        this.#resume(this.#slot(command.node));
        return;
      case 'skew':
        this.#input(this.#slot(command.node), { kind: 'skew', offset: command.offset });
        return;
      case 'group':
        this.#network.setGroup(command.name, command.nodes);
        return;
      case 'move':
        this.#network.move(command.node, command.group);
        return;
      default:
        unreachable(command);
    }
  }

  /** The whole world as plain data, sharing nothing with it. */
  save(): WorldState {
    return clone(this.#state());
  }

  /** A digest of the whole world: equal exactly when two folds agree. */
  digest(): string {
    return digest(this.#state());
  }

  /** A digest of one node, as the browser that runs it computes its own. */
  nodeDigest(id: NodeId): string {
    return digest(this.#slot(id).node);
  }

  #state(): WorldState {
    return {
      now: this.#now,
      nodes: this.#slots.map(({ node, backlog }) => ({ node, backlog })),
      network: this.#network.save(this.#now),
      agenda: this.#agenda.save(),
      ledger: this.#ledger.save(),
    };
  }

  #load(state: WorldState): void {
    this.#now = state.now;
    state.nodes.forEach(({ node, backlog }, index) => {
      const slot = this.#slots[index];
      assert(slot !== undefined && slot.node.id === node.id, `the saved world has no node ${node.id} here`);
      slot.node = node;
      slot.backlog = [...backlog];
    });
    this.#network.load(state.network);
    this.#agenda.load(state.agenda);
    this.#ledger.load(state.ledger);
  }

  #run(item: AgendaItem): void {
    this.#now = item.at;
    this.#ledger.counts.events++;
    switch (item.kind) {
      case 'timer':
        this.#deliver(this.#slotAt(item.node), { kind: 'timer', owner: item.owner, timer: item.timer });
        return;
      case 'deliver':
        this.#arrive(item);
        return;
      default:
        unreachable(item);
    }
  }

  #arrive(item: Omit<Delivery, 'seq'>): void {
    const slot = this.#slotAt(item.to);
    if (this.#network.isCut(item.from, item.to)) return this.#lose(item, 'cut');
    if (!slot.node.up) {
      this.#lose(item, 'down');
      if (this.#setup.protocol.connections && item.body.kind !== 'disconnected')
        this.#reset(item.to, item.from);
      return;
    }
    if (slot.node.paused && slot.backlog.length >= BACKLOG_MAX) return this.#lose(item, 'overflow');
    this.#ledger.counts.delivered++;
    if (this.observe !== null) this.observe({ kind: 'delivered', at: this.#now, flight: this.#flight(item) });
    this.#deliver(slot, {
      kind: 'arrival',
      from: this.#slotAt(item.from).node.id,
      number: item.number,
      body: item.body,
    });
  }

  #lose(item: Omit<Delivery, 'seq'>, cause: LossCause): void {
    this.#ledger.counts.lost[cause]++;
    if (this.observe !== null)
      this.observe({ kind: 'lost', at: this.#now, flight: this.#flight(item), cause });
  }

  /** Gives a node an input, or keeps it for when the node goes on. */
  #deliver(slot: Slot, input: NodeInput): void {
    if (slot.node.paused) slot.backlog.push(input);
    else this.#input(slot, input);
  }

  #input(slot: Slot, input: NodeInput): void {
    const node = slot.node;
    const random = draw(this.#seeds[slot.index] ?? 0, node.inputs + 1);
    this.onInput?.(node.id, { at: this.#now, random, input });
    takeInput(this.#setup, node, input, this.#now, random, this.#host);
  }

  #crash(slot: Slot, disk: 'kept' | 'lost'): void {
    slot.backlog = [];
    this.#input(slot, { kind: 'crash', disk });
    if (!this.#setup.protocol.connections) return;
    for (const peer of this.#slots) if (peer !== slot) this.#reset(slot.index, peer.index);
  }

  /** Lets `to` know that the process at `from` is gone: the operating system answers for it. */
  #reset(from: number, to: number): void {
    const node = this.#slotAt(from).node;
    this.#send(from, to, ++node.sent, { kind: 'disconnected' });
  }

  #resume(slot: Slot): void {
    this.#input(slot, { kind: 'resume' });
    const backlog = slot.backlog;
    slot.backlog = [];
    for (const input of backlog) this.#input(slot, input);
  }

  #send(from: number, to: number, number: number, body: Body): void {
    const fate = this.#network.send(from, to, number, this.#now);
    const copies = typeof fate === 'string' ? [this.#now] : fate;
    for (const at of copies) {
      const delivery = { kind: 'deliver', at, from, to, number, sentAt: this.#now, body } as const;
      this.#ledger.counts.sent++;
      if (this.observe !== null)
        this.observe({ kind: 'sent', at: this.#now, flight: this.#flight(delivery) });
      if (typeof fate === 'string') this.#lose(delivery, fate);
      else this.#agenda.deliver(delivery);
    }
  }

  #createHost(): NodeHost {
    return {
      send: (node, to, number, body) => this.#send(this.#at(node.id), this.#at(to), number, body),
      setTimer: (node, owner, timer, after) => {
        assert(Number.isSafeInteger(after) && after >= 0, `${node.id} sets timer ${timer} to ${after}`);
        this.#agenda.setTimer(this.#at(node.id), owner, timer, this.#now + after);
      },
      cancelTimer: (node, owner, timer) => this.#agenda.cancelTimer(this.#at(node.id), owner, timer),
      cancelAllTimers: (node) => this.#agenda.cancelAllTimers(this.#at(node.id)),
      mark: (node, mark) => this.#mark(node.id, mark),
      invoked: (node, operation) => this.#invoked(node.id, operation),
      finished: (node, id, outcome) => this.#finished(node.id, id, outcome),
    };
  }

  #mark(node: NodeId, mark: Mark): void {
    this.#ledger.mark(node, mark, this.#now);
    this.observe?.({ kind: 'mark', at: this.#now, node, mark });
  }

  #invoked(node: NodeId, operation: Operation): void {
    this.#ledger.invoked(node, operation, this.#now);
    this.observe?.({ kind: 'invoked', at: this.#now, node, operation });
  }

  #finished(node: NodeId, id: string, outcome: Outcome): void {
    this.#ledger.finished(node, id, outcome, this.#now);
    this.observe?.({ kind: 'finished', at: this.#now, node, id, outcome });
  }

  #flight(item: Omit<Delivery, 'seq'>): Flight {
    const from = this.#slotAt(item.from).node.id;
    const to = this.#slotAt(item.to).node.id;
    return { from, to, number: item.number, sentAt: item.sentAt, at: item.at, body: item.body };
  }

  #at(id: NodeId): number {
    const index = this.#index.get(id);
    assert(index !== undefined, `there is no node ${id}`);
    return index;
  }

  #slot(id: NodeId): Slot {
    return this.#slotAt(this.#at(id));
  }

  #slotAt(index: number): Slot {
    const slot = this.#slots[index];
    assert(slot !== undefined, `there is no node number ${index}`);
    return slot;
  }
}
