import { impossible, unreachable } from '../../../shared/base/assert.ts';
import type { NodeInput } from '../../../shared/sim/node.ts';
import type { NodeId } from '../../../shared/sim/operation.ts';
import type { Flight, TimelineEvent } from '../../../shared/sim/timeline.ts';
import type { World } from '../../../shared/sim/world.ts';
import { lookOf } from '../cluster/message-look.ts';
import { PLACES_PER_MS, type Chunk, type Message, type Sign } from './chunk.ts';
import { Lineage } from './lineage.ts';
import { Standing } from './standing.ts';

/**
 * Writes down what happens in a world, chunk by chunk. `attach` it to the world or tell it everything that happens
 * there, let time pass, and `take` what happened since. A message is written down in the chunk in which it ends.
 */
export class Collector {
  readonly #world: World;
  readonly #index: ReadonlyMap<NodeId, number>;
  readonly #standing = new Standing();
  readonly #lineage = new Lineage();
  /** Copies on their way. Two of one message may be due in the same instant. */
  readonly #underWay = new Map<string, Message[]>();
  #messages: Message[] = [];
  #signs: Sign[] = [];
  #from: number;
  #now = 0;
  #count = 0;
  /** When something changed that stands for a while; null when all is known. */
  #changedAt: number | null = null;

  constructor(world: World) {
    this.#world = world;
    this.#index = new Map(world.setup.nodes.map((node, index) => [node, index]));
    this.#from = this.#now = world.now;
    for (const flight of world.flights()) this.#add(flight, flight.sentAt * PLACES_PER_MS, null);
    this.#standing.reset(world, world.now);
  }

  /** Listens to the world by itself, as its only listener. */
  attach(): this {
    this.#world.observe = (event) => this.observe(event);
    this.#world.onInput = (node, { input }) => this.takeInput(node, input);
    return this;
  }

  /** What happened since the last time, up to where the world stands. */
  take(): Chunk {
    const until = this.#world.now;
    this.#lookAgain(Infinity);
    const chunk: Chunk = {
      from: this.#from,
      until,
      messages: this.#messages,
      underWay: [...this.#underWay.values()].flat(),
      signs: this.#signs,
      spans: this.#standing.take(until),
      events: 2 * this.#messages.length + this.#signs.length,
    };
    this.#from = until;
    this.#messages = [];
    this.#signs = [];
    return chunk;
  }

  takeInput(node: NodeId, input: NodeInput): void {
    this.#lineage.takeInput(node, input);
  }

  observe(event: TimelineEvent): void {
    const place = this.#placeOf(event.at);
    switch (event.kind) {
      case 'sent':
        this.#add(event.flight, place, this.#lineage.sent(event.flight));
        return;
      case 'delivered':
        this.#end(event.flight, 'delivered', place);
        return;
      case 'lost':
        this.#end(event.flight, event.cause, place);
        return;
      case 'mark':
        if (event.mark.name === 'halt') this.#changedAt ??= event.at;
        this.#sign(this.#indexOf(event.node), event.at, place, event.mark);
        return;
      case 'command':
        this.#changedAt = event.at;
        if (event.command.kind === 'operate') return;
        this.#sign(
          'node' in event.command ? this.#indexOf(event.command.node) : null,
          event.at,
          place,
          event.command,
        );
        return;
      case 'invoked':
        this.#lineage.invoked(event.node, event.operation.id);
        return;
      case 'finished':
        this.#lineage.finished(event.node, event.id);
        return;
      default:
        unreachable(event);
    }
  }

  #add(flight: Flight, sentPlace: number, operation: string | null): void {
    const message: Message = {
      kind: 'message',
      from: this.#indexOf(flight.from) ?? impossible(`nobody sends from ${flight.from}`),
      to: this.#indexOf(flight.to) ?? impossible(`nobody is at ${flight.to}`),
      number: flight.number,
      sentAt: flight.sentAt,
      at: flight.at,
      body: flight.body,
      look: lookOf(flight.body),
      sentPlace,
      endPlace: Infinity,
      fate: 'under way',
      operation,
    };
    const key = keyOf(flight);
    const copies = this.#underWay.get(key);
    if (copies === undefined) this.#underWay.set(key, [message]);
    else copies.push(message);
  }

  #end(flight: Flight, fate: Exclude<Message['fate'], 'under way'>, place: number): void {
    const key = keyOf(flight);
    const copies = this.#underWay.get(key) ?? [];
    const message = copies.shift() ?? impossible(`a message ended that was never sent: ${key}`);
    if (copies.length === 0) this.#underWay.delete(key);
    message.fate = fate;
    message.endPlace = place;
    if (fate === 'delivered') this.#lineage.delivered(flight, message.operation);
    this.#messages.push(message);
  }

  #sign(node: number | null, at: number, place: number, what: Sign['what']): void {
    this.#signs.push({ kind: 'sign', node, at, place, what });
  }

  /** A command is told before it takes effect: what it changed is seen once its millisecond is over. */
  #lookAgain(now: number): void {
    if (this.#changedAt === null || now <= this.#changedAt) return;
    this.#standing.look(this.#world, this.#changedAt);
    this.#changedAt = null;
  }

  #placeOf(at: number): number {
    this.#lookAgain(at);
    if (at !== this.#now) this.#count = 0;
    this.#now = at;
    return at * PLACES_PER_MS + this.#count++;
  }

  /** A script may name `leader` instead of a node. */
  #indexOf(node: NodeId): number | null {
    return this.#index.get(node) ?? null;
  }
}

function keyOf({ from, to, number, sentAt, at }: Flight): string {
  return `${from} ${to} ${number} ${sentAt} ${at}`;
}
