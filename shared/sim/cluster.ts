import { assert, impossible, unreachable } from '../base/assert.ts';
import { draw, streamSeed } from '../base/random.ts';
import { Agenda, timerKey, type AgendaItem, type Delivery } from './agenda.ts';
import type { Traffic } from './command.ts';
import { Ledger } from './ledger.ts';
import { Network } from './network.ts';
import { createNode, type Body, type NodeHost, type NodeInput } from './node.ts';
import { takeInput } from './take-input.ts';
import type { NodeId } from './operation.ts';
import type { Setup } from './setup.ts';
import type { ClusterState, Slot } from './state.ts';
import type { Flight, LossCause, SeatInput, TimelineEvent } from './timeline.ts';

/** What a paused node holds back at most; beyond it messages are lost, as in a full socket buffer. */
const BACKLOG_MAX = 10_000;

/** What may happen in one virtual millisecond: every node tells every other a few things, and as much again. */
const INSTANT_EVENTS = 100_000;
const INSTANT_EVENTS_PER_LINK = 20;

/** The nodes of a world and everything that passes between them: inputs in, messages and timers out. */
export class Cluster {
  readonly setup: Setup;
  readonly network: Network;
  readonly agenda: Agenda;
  readonly ledger = new Ledger();
  readonly slots: readonly Slot[];
  readonly #index: ReadonlyMap<NodeId, number>;
  readonly #seeds: readonly number[];
  readonly #host: NodeHost;
  /** Events so far at the virtual time that it is. */
  #instantEvents = 0;
  /** The place of the node that takes an input: whatever is done now, it does. */
  #acting = 0;
  /** While a node catches up after a pause: the timers it has set or cancelled since. */
  #changedTimers: Set<string> | null = null;
  now = 0;

  observe: ((event: TimelineEvent) => void) | null = null;
  onInput: ((node: NodeId, input: SeatInput) => void) | null = null;

  constructor(setup: Setup) {
    this.setup = setup;
    this.#index = new Map(setup.nodes.map((node, index) => [node, index]));
    this.#seeds = setup.nodes.map((node) => streamSeed(setup.seed, node));
    this.slots = setup.nodes.map((id, index) => ({ node: createNode(setup, id), index, backlog: [] }));
    this.agenda = new Agenda(setup.nodes.length);
    this.network = new Network(setup.nodes, setup.groups, setup.network, setup.protocol.channel, setup.seed);
    this.#host = this.#createHost();
  }

  indexOf(id: NodeId): number {
    return this.#index.get(id) ?? impossible(`there is no node ${id}`);
  }

  slot(id: NodeId): Slot {
    return this.#slotAt(this.indexOf(id));
  }

  /** Lets one thing from the agenda happen. */
  run(item: AgendaItem): void {
    this.#countInstant(item.at);
    this.now = item.at;
    this.ledger.counts.events++;
    switch (item.kind) {
      case 'timer':
        this.deliver(this.#slotAt(item.node), { kind: 'timer', owner: item.owner, timer: item.timer });
        return;
      case 'deliver':
        this.#arrive(item);
        return;
      default:
        unreachable(item);
    }
  }

  /** Gives a node an input, or keeps it for when the node goes on. */
  deliver(slot: Slot, input: NodeInput): void {
    if (slot.node.paused) slot.backlog.push(input);
    else this.input(slot, input);
  }

  /** Gives a node an input now, whatever its state. */
  input(slot: Slot, input: NodeInput): void {
    const node = slot.node;
    const random = draw(this.#seeds[slot.index] ?? 0, node.inputs + 1);
    this.onInput?.(node.id, { at: this.now, random, input });
    const wasUp = node.up;
    this.#acting = slot.index;
    takeInput(this.setup, node, input, this.now, random, this.#host);
    if (wasUp && !node.up && this.setup.protocol.connections) {
      for (const peer of this.slots) if (peer !== slot) this.#reset(slot.index, peer.index, node.inputs);
    }
  }

  crash(slot: Slot, disk: 'kept' | 'lost'): void {
    const waiting = slot.backlog;
    slot.backlog = [];
    this.input(slot, { kind: 'crash', disk });
    // What somebody asked of the frozen node is refused now: it must not vanish from the history.
    for (const input of waiting) if (input.kind === 'operation') this.input(slot, input);
  }

  resume(slot: Slot): void {
    this.input(slot, { kind: 'resume' });
    const backlog = slot.backlog;
    slot.backlog = [];
    const changed = new Set<string>();
    this.#changedTimers = changed;
    for (const input of backlog) {
      // It went off during the pause; then what had arrived before it replaced or cancelled it.
      if (input.kind === 'timer' && changed.has(timerKey(input.owner, input.timer))) continue;
      // The node may give up over what had arrived: then the rest meets nobody.
      if (slot.node.up || input.kind === 'operation') this.input(slot, input);
    }
    this.#changedTimers = null;
  }

  flight(delivery: Delivery): Flight {
    const from = this.#slotAt(delivery.from).node.id;
    const to = this.#slotAt(delivery.to).node.id;
    const { number, sentAt, at, body } = delivery;
    return { from, to, number, sentAt, at, body };
  }

  /** The cluster as plain data, sharing its parts. */
  save(): ClusterState {
    return {
      now: this.now,
      nodes: this.slots.map(({ node, backlog }) => ({ node, backlog })),
      network: this.network.save(this.now),
      agenda: this.agenda.save(),
      ledger: this.ledger.save(),
    };
  }

  /** Takes over `state` as its own. */
  load(state: ClusterState): void {
    this.now = state.now;
    state.nodes.forEach(({ node, backlog }, index) => {
      const slot = this.#slotAt(index);
      assert(slot.node.id === node.id, `the saved world has ${node.id} in the place of ${slot.node.id}`);
      slot.node = node;
      slot.backlog = [...backlog];
    });
    this.network.load(state.network);
    this.agenda.load(state.agenda);
    this.ledger.load(state.ledger);
  }

  /** Time must pass: timers of no length and links of no delay could go on for ever in one instant. */
  #countInstant(at: number): void {
    if (at !== this.now) this.#instantEvents = 0;
    const max = INSTANT_EVENTS + INSTANT_EVENTS_PER_LINK * this.slots.length ** 2;
    if (++this.#instantEvents > max) impossible(`more than ${max} events in the instant ${at}`);
  }

  #arrive(delivery: Delivery): void {
    const slot = this.#slotAt(delivery.to);
    if (this.network.isCut(delivery.from, delivery.to, trafficOf(delivery.body), this.now))
      return this.#lose(delivery, 'cut');
    if (!slot.node.up) {
      this.#lose(delivery, 'down');
      if (this.setup.protocol.connections && delivery.body.kind !== 'disconnected') {
        this.#reset(delivery.to, delivery.from, delivery.number);
      }
      return;
    }
    if (slot.node.paused && slot.backlog.length >= BACKLOG_MAX) return this.#lose(delivery, 'overflow');
    this.ledger.counts.delivered++;
    if (this.observe !== null)
      this.observe({ kind: 'delivered', at: this.now, flight: this.flight(delivery) });
    const from = this.#slotAt(delivery.from).node.id;
    this.deliver(slot, { kind: 'arrival', from, number: delivery.number, body: delivery.body });
  }

  #send(from: number, to: number, number: number, body: Body): void {
    const fate = this.network.send(from, to, number, trafficOf(body), this.now);
    const copies = typeof fate === 'string' ? [this.now] : fate;
    for (const at of copies) {
      const delivery = { kind: 'deliver', at, from, to, number, sentAt: this.now, body } as const;
      this.ledger.counts.sent++;
      if (this.observe !== null) this.observe({ kind: 'sent', at: this.now, flight: this.flight(delivery) });
      if (typeof fate === 'string') this.#lose(delivery, fate);
      else this.agenda.deliver(delivery);
    }
  }

  #lose(delivery: Delivery, cause: LossCause): void {
    this.ledger.counts.lost[cause]++;
    if (this.observe !== null) {
      this.observe({ kind: 'lost', at: this.now, flight: this.flight(delivery), cause });
    }
  }

  /**
   * Lets `to` know that the process at `from` is gone: its operating system answers for it. The node itself
   * sends nothing, so its own count stays; `cause` numbers the draws, and is nothing that `to` could not know.
   */
  #reset(from: number, to: number, cause: number): void {
    this.#send(from, to, -cause, { kind: 'disconnected' });
  }

  #createHost(): NodeHost {
    return {
      send: (_, to, number, body) => this.#send(this.#acting, this.indexOf(to), number, body),
      setTimer: (node, owner, timer, after) => {
        if (!Number.isSafeInteger(after) || after < 0)
          impossible(`${node.id} sets timer ${timer} to ${after}`);
        this.#changedTimers?.add(timerKey(owner, timer));
        this.agenda.setTimer(this.#acting, owner, timer, this.now + after);
      },
      cancelTimer: (_, owner, timer) => {
        this.#changedTimers?.add(timerKey(owner, timer));
        this.agenda.cancelTimer(this.#acting, owner, timer);
      },
      cancelAllTimers: () => this.agenda.cancelAllTimers(this.#acting),
      mark: (node, mark) => {
        this.ledger.mark(node.id, mark, this.now);
        this.observe?.({ kind: 'mark', at: this.now, node: node.id, mark });
      },
      invoked: (node, operation) => {
        this.ledger.invoked(node.id, operation, this.now);
        this.observe?.({ kind: 'invoked', at: this.now, node: node.id, operation });
      },
      finished: (node, id, outcome) => {
        this.ledger.finished(node.id, id, outcome, this.now);
        this.observe?.({ kind: 'finished', at: this.now, node: node.id, id, outcome });
      },
    };
  }

  #slotAt(index: number): Slot {
    return this.slots[index] ?? impossible(`there is no node number ${index}`);
  }
}

function trafficOf(body: Body): Traffic {
  return body.kind === 'request' || body.kind === 'reply' ? 'clients' : 'replicas';
}
