import { assert, unreachable } from '../base/assert.ts';
import { digest } from '../base/digest.ts';
import { Heap } from '../base/heap.ts';
import { clone } from '../base/json.ts';
import { draw, streamSeed } from '../base/random.ts';
import type { Table } from '../base/table.ts';
import { LEADER, type ClusterCommand } from './command.ts';
import { Network, type Fault } from './network.ts';
import {
  createNode,
  takeInput,
  type Body,
  type NodeDefinition,
  type NodeHost,
  type NodeInput,
  type NodeState,
  type Owner,
} from './node.ts';
import type { NodeId, Operation, OperationRecord, Outcome } from './operation.ts';
import type { Mark, ReplicaView } from './protocol.ts';
import { refuse } from './refuse.ts';
import { saveQueue, type QueueItem, type Slot, type WorldState } from './state.ts';
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
  readonly #host: NodeHost;
  #queue = new Heap<QueueItem>();
  #now = 0;
  #seq = 0;
  #operations: OperationRecord[] = [];
  #open = new Map<string, OperationRecord>();
  #leaders: { at: number; node: NodeId; term: number | null }[] = [];
  #counts = { events: 0, sent: 0, delivered: 0, lost: { cut: 0, loss: 0, down: 0, overflow: 0 } };

  /** Called with everything that happens, as it happens. Null while nobody watches. */
  observe: ((event: TimelineEvent) => void) | null = null;
  /** Called with every input of every node, in order: what seats are sent. Null while nobody listens. */
  onInput: ((node: NodeId, input: SeatInput) => void) | null = null;

  constructor(setup: Setup) {
    this.#setup = setup;
    this.#index = new Map(setup.nodes.map((node, index) => [node, index]));
    this.#seeds = setup.nodes.map((node) => streamSeed(setup.seed, node));
    this.#slots = setup.nodes.map((id) => ({ node: createNode(setup, id), timers: new Map(), backlog: [] }));
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
    return this.#operations;
  }

  /** Every time a replica said that it now leads. */
  get leaders(): readonly { readonly at: number; readonly node: NodeId; readonly term: number | null }[] {
    return this.#leaders;
  }

  /** Messages sent, delivered and lost by cause, and events in all. Sent = delivered + lost + in flight. */
  get counts(): {
    readonly events: number;
    readonly sent: number;
    readonly delivered: number;
    readonly lost: Readonly<Record<LossCause, number>>;
  } {
    return this.#counts;
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

  quality(from: NodeId, to: NodeId): ReturnType<Network['quality']> {
    return this.#network.quality(this.#at(from), this.#at(to));
  }

  /** Messages on their way, in no particular order. */
  flights(): Flight[] {
    const flights: Flight[] = [];
    for (const item of this.#queue.items) if (item.kind === 'deliver') flights.push(this.#flight(item));
    return flights;
  }

  /** Lets everything happen up to and including the virtual time `until`. */
  advance(until: number): void {
    assert(until >= this.#now, `time would go back from ${this.#now} to ${until}`);
    for (let item = this.#queue.peek(); item !== undefined && item.at <= until; item = this.#queue.peek()) {
      this.#queue.pop();
      this.#run(item);
    }
    this.#now = until;
  }

  /** Lets the next event happen, whenever it is due. False when nothing is left. */
  stepEvent(): boolean {
    for (;;) {
      const item = this.#queue.pop();
      if (item === undefined) return false;
      if (this.#run(item)) return true;
    }
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
      seq: this.#seq,
      nodes: this.#slots.map(({ node, backlog }) => ({ node, backlog })),
      network: this.#network.save(this.#now),
      queue: saveQueue(this.#queue.items, this.#slots),
      operations: this.#operations,
      leaders: this.#leaders,
      counts: this.#counts,
    };
  }

  #load(state: WorldState): void {
    this.#now = state.now;
    this.#seq = state.seq;
    state.nodes.forEach(({ node, backlog }, index) => {
      const slot = this.#slots[index];
      assert(slot !== undefined && slot.node.id === node.id, `the saved world has no node ${node.id} here`);
      slot.node = node;
      slot.backlog = [...backlog];
      slot.timers.clear();
    });
    this.#network.load(state.network);
    this.#queue = new Heap();
    for (const item of state.queue) {
      this.#queue.push(item);
      if (item.kind === 'timer')
        this.#slots[item.node]?.timers.set(timerKey(item.owner, item.timer), item.seq);
    }
    this.#operations = [...state.operations];
    this.#open = new Map(this.#operations.filter((o) => o.returned === null).map((o) => [o.id, o]));
    this.#leaders = [...state.leaders];
    this.#counts = state.counts;
  }

  /** Carries out an item of the queue; false when it had been cancelled. */
  #run(item: QueueItem): boolean {
    this.#now = Math.max(this.#now, item.at);
    switch (item.kind) {
      case 'timer': {
        const slot = this.#slots[item.node];
        const key = timerKey(item.owner, item.timer);
        if (slot === undefined || slot.timers.get(key) !== item.seq) return false;
        slot.timers.delete(key);
        this.#counts.events++;
        this.#deliver(slot, { kind: 'timer', owner: item.owner, timer: item.timer });
        return true;
      }
      case 'deliver':
        this.#counts.events++;
        this.#arrive(item);
        return true;
      default:
        return unreachable(item);
    }
  }

  #arrive(item: QueueItem & { kind: 'deliver' }): void {
    const slot = this.#slots[item.to];
    const sender = this.#setup.nodes[item.from];
    assert(slot !== undefined && sender !== undefined, 'a message names a node that does not exist');
    if (this.#network.isCut(item.from, item.to)) return this.#lose(item, 'cut');
    if (!slot.node.up) {
      this.#lose(item, 'down');
      if (this.#setup.protocol.connections && item.body.kind !== 'disconnected')
        this.#reset(item.to, item.from);
      return;
    }
    if (slot.node.paused && slot.backlog.length >= BACKLOG_MAX) return this.#lose(item, 'overflow');
    this.#counts.delivered++;
    if (this.observe !== null) this.observe({ kind: 'delivered', at: this.#now, flight: this.#flight(item) });
    this.#deliver(slot, { kind: 'arrival', from: sender, number: item.number, body: item.body });
  }

  #lose(item: QueueItem & { kind: 'deliver' }, cause: LossCause): void {
    this.#counts.lost[cause]++;
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
    const random = draw(this.#seeds[this.#at(node.id)] ?? 0, node.inputs + 1);
    this.onInput?.(node.id, { at: this.#now, random, input });
    takeInput(this.#setup, node, input, this.#now, random, this.#host);
  }

  #crash(slot: Slot, disk: 'kept' | 'lost'): void {
    slot.backlog = [];
    this.#input(slot, { kind: 'crash', disk });
    if (!this.#setup.protocol.connections) return;
    const self = this.#at(slot.node.id);
    this.#slots.forEach((_, peer) => {
      if (peer !== self) this.#reset(self, peer);
    });
  }

  /** Lets `to` know that the process at `from` is gone: the operating system answers for it. */
  #reset(from: number, to: number): void {
    const node = this.#slots[from]?.node;
    if (node !== undefined) this.#send(from, to, ++node.sent, { kind: 'disconnected' });
  }

  #resume(slot: Slot): void {
    this.#input(slot, { kind: 'resume' });
    const backlog = slot.backlog;
    slot.backlog = [];
    for (const input of backlog) this.#input(slot, input);
  }

  #send(from: number, to: number, number: number, body: Body): void {
    const fate = this.#network.send(from, to, number, this.#now);
    if (typeof fate === 'string') {
      const item = {
        kind: 'deliver',
        at: this.#now,
        seq: 0,
        from,
        to,
        number,
        sentAt: this.#now,
        body,
      } as const;
      this.#counts.sent++;
      if (this.observe !== null) this.observe({ kind: 'sent', at: this.#now, flight: this.#flight(item) });
      return this.#lose(item, fate);
    }
    for (const at of fate) {
      const item = {
        kind: 'deliver',
        at,
        seq: ++this.#seq,
        from,
        to,
        number,
        sentAt: this.#now,
        body,
      } as const;
      this.#counts.sent++;
      this.#queue.push(item);
      if (this.observe !== null) this.observe({ kind: 'sent', at: this.#now, flight: this.#flight(item) });
    }
  }

  #createHost(): NodeHost {
    return {
      send: (node, to, number, body) => this.#send(this.#at(node.id), this.#at(to), number, body),
      setTimer: (node, owner, timer, after) => this.#setTimer(node, owner, timer, after),
      cancelTimer: (node, owner, timer) => this.#slot(node.id).timers.delete(timerKey(owner, timer)),
      cancelAllTimers: (node) => this.#slot(node.id).timers.clear(),
      mark: (node, mark) => this.#mark(node, mark),
      invoked: (node, operation) => this.#invoked(node, operation),
      finished: (node, id, outcome) => this.#finished(node, id, outcome),
    };
  }

  #setTimer(node: NodeState, owner: Owner, timer: string, after: number): void {
    assert(Number.isSafeInteger(after) && after >= 0, `${node.id} sets timer ${timer} to ${after}`);
    const index = this.#at(node.id);
    const seq = ++this.#seq;
    this.#slots[index]?.timers.set(timerKey(owner, timer), seq);
    this.#queue.push({ kind: 'timer', at: this.#now + after, seq, node: index, owner, timer });
  }

  #mark(node: NodeState, mark: Mark): void {
    if (mark.name === 'leader') this.#leaders.push({ at: this.#now, node: node.id, term: mark.term });
    this.observe?.({ kind: 'mark', at: this.#now, node: node.id, mark });
  }

  #invoked(node: NodeState, operation: Operation): void {
    const record: OperationRecord = {
      id: operation.id,
      node: node.id,
      kind: operation.kind,
      key: operation.key,
      value: operation.value ?? null,
      options: operation.options ?? null,
      invoked: this.#now,
      returned: null,
      class: 'info',
      error: null,
      result: null,
    };
    this.#operations.push(record);
    this.#open.set(record.id, record);
    this.observe?.({ kind: 'invoked', at: this.#now, node: node.id, operation });
  }

  #finished(node: NodeState, id: string, outcome: Outcome): void {
    const record = this.#open.get(id);
    assert(record !== undefined, `${node.id} finished ${id}, which is not under way`);
    this.#open.delete(id);
    record.returned = this.#now;
    record.class = outcome.class;
    if (outcome.class === 'ok') record.result = outcome.result;
    else record.error = outcome.error;
    this.observe?.({ kind: 'finished', at: this.#now, node: node.id, id, outcome });
  }

  #flight(item: QueueItem & { kind: 'deliver' }): Flight {
    const from = this.#setup.nodes[item.from];
    const to = this.#setup.nodes[item.to];
    assert(from !== undefined && to !== undefined, 'a message names a node that does not exist');
    return { from, to, number: item.number, sentAt: item.sentAt, at: item.at, body: item.body };
  }

  #at(id: NodeId): number {
    const index = this.#index.get(id);
    assert(index !== undefined, `there is no node ${id}`);
    return index;
  }

  #slot(id: NodeId): Slot {
    const slot = this.#slots[this.#at(id)];
    assert(slot !== undefined, `there is no node ${id}`);
    return slot;
  }
}

function timerKey(owner: Owner, timer: string): string {
  return `${owner} ${timer}`;
}
