import { unreachable } from '../../base/assert.ts';
import { keysOf, lookUp, type Table } from '../../base/table.ts';
import { takeOnce, type Inbox } from '../../data/inbox.ts';
import type { NodeId } from '../../sim/operation.ts';
import type { Ambient, Config, DataView, Input, Output, Protocol, Shape } from '../../sim/protocol.ts';
import { execute, isWrite, valueOf, type Command, type Effect, type Entry } from '../store.ts';
import { describeCommand, describeStored } from '../store-words.ts';
import { mark, persist, reply, send, setTimer, type TurnOf } from '../turn.ts';

export interface OutboxShape extends Shape {
  readonly knobs: OutboxKnobs;
  readonly state: OutboxState;
  readonly durable: OutboxDisk;
  readonly message: OutboxMessage;
  readonly timer: 'relay';
  readonly request: Command;
  readonly reply: Effect;
}

export type OutboxKnobs = {
  /** How often the relay sends again what was not confirmed. Milliseconds. */
  readonly retryMs: number;
  /** Whether events are kept in the same store, and the same write, as what they tell of. */
  readonly outbox: boolean;
  /** Whether receivers know events again by their numbers. */
  readonly deduplicate: boolean;
};

export type OutboxState = {
  readonly self: NodeId;
  readonly others: readonly NodeId[];
  readonly knobs: OutboxKnobs;
  readonly disk: OutboxDisk;
  relaying: boolean;
};

export type OutboxDisk = {
  /** The name under which this disk numbers its events: a lost one must not give numbers again. */
  readonly writer: string;
  events: number;
  readonly data: Table<Entry>;
  /** By receiver: the events that it has not confirmed, oldest first. */
  readonly outbox: Table<readonly OutboxEvent[]>;
  readonly inbox: Inbox;
};

/** That something was done, as an instruction to do it, too: a like, an order, a message. */
export type OutboxEvent = { readonly writer: string; readonly number: number; readonly command: Command };

export type OutboxMessage =
  | { readonly kind: 'event'; readonly event: OutboxEvent }
  | { readonly kind: 'confirm'; readonly number: number };

type Turn = TurnOf<OutboxShape>;

/**
 * A transactional outbox: a change and the events that tell others of it are one write to one store. A relay sends
 * the events until they are confirmed, also after a crash; receivers know those that come twice by their numbers.
 * Each event takes effect everywhere, once; in which order, nobody says. Without the outbox an event is sent once, and
 * gone with the message; without the numbers an event whose confirmation is lost counts twice.
 */
export const outboxStore: Protocol<OutboxShape> = {
  name: 'outbox',
  channel: 'stream',
  connections: false,
  init: ({ self, nodes, knobs, incarnation }: Config<OutboxKnobs>, durable) => {
    const writer = incarnation > 1 ? `${self}#${incarnation}` : self;
    const others = nodes.filter((node) => node !== self);
    const disk = durable ?? { writer, events: 0, data: {}, outbox: {}, inbox: {} };
    return { self, others, knobs, disk, relaying: false };
  },
  step,
  durable: ({ disk }) => disk,
  view: ({ disk }) => {
    const data: Table<DataView> = {};
    for (const key of keysOf(disk.data)) {
      const value = valueOf(lookUp(disk.data, key));
      data[key] = { values: [value], version: `${disk.events} events of its own` };
    }
    const facts = keysOf(disk.outbox).map((peer): [string, string] => {
      return [`outbox for ${peer}`, (lookUp(disk.outbox, peer) ?? []).map(describeEvent).join(', ')];
    });
    return { role: 'replica', term: null, leader: null, data, facts };
  },
  describeMessage: (message) =>
    message.kind === 'confirm' ? `event ${message.number} taken` : describeEvent(message.event),
  describeState: ({ disk }) => {
    const data = keysOf(disk.data).map((key) => `${key}=${describeStored(valueOf(lookUp(disk.data, key)))}`);
    const waiting = keysOf(disk.outbox).map((peer) => `${(disk.outbox[peer] ?? []).length} for ${peer}`);
    return `${data.join('; ') || 'empty'}; outbox: ${waiting.join(', ') || 'empty'}`;
  },
};

function step(state: OutboxState, input: Input<OutboxShape>, ambient: Ambient): Output<OutboxShape>[] {
  const turn: Turn = { ...ambient, state, outputs: [] };
  switch (input.kind) {
    case 'start':
      persist(turn);
      keepRelaying(turn);
      break;
    case 'request':
      onRequest(turn, input.from, input.id, input.request);
      break;
    case 'message':
      if (input.message.kind === 'confirm') onConfirm(turn, input.from, input.message.number);
      else onEvent(turn, input.from, input.message.event);
      break;
    case 'timer':
      if (input.timer === 'relay') onRelayTimer(turn);
      break;
    case 'disconnected':
      break;
    default:
      unreachable(input);
  }
  return turn.outputs;
}

function onRequest(turn: Turn, from: NodeId, id: number, command: Command): void {
  const { others, disk, knobs } = turn.state;
  const effect = carryOut(disk, command);
  if (isWrite(command) && effect.kind === 'done') {
    const event: OutboxEvent = { writer: disk.writer, number: ++disk.events, command };
    if (knobs.outbox) for (const peer of others) disk.outbox[peer] = [...(disk.outbox[peer] ?? []), event];
    persist(turn);
    for (const peer of others) send(turn, peer, { kind: 'event', event });
    keepRelaying(turn);
  }
  reply(turn, from, id, effect);
}

function onEvent(turn: Turn, from: NodeId, event: OutboxEvent): void {
  const { self, disk, knobs } = turn.state;
  const isNew = takeOnce(disk.inbox, event.writer, event.number);
  if (isNew || !knobs.deduplicate) {
    carryOut(disk, event.command);
    if (!isNew) mark(turn, 'conflict', `${self} carries out ${describeEvent(event)} again`);
    persist(turn);
  } else mark(turn, 'repair', `${self} knows ${describeEvent(event)} already`);
  send(turn, from, { kind: 'confirm', number: event.number });
}

function onConfirm(turn: Turn, from: NodeId, number: number): void {
  const { outbox } = turn.state.disk;
  const waiting = lookUp(outbox, from);
  const left = waiting?.filter((event) => event.number !== number) ?? [];
  if (waiting === undefined || left.length === waiting.length) return;
  if (left.length > 0) outbox[from] = left;
  else delete outbox[from];
  persist(turn);
}

function onRelayTimer(turn: Turn): void {
  const { state } = turn;
  if (!state.relaying) return;
  state.relaying = false;
  for (const peer of keysOf(state.disk.outbox)) {
    for (const event of lookUp(state.disk.outbox, peer) ?? []) send(turn, peer, { kind: 'event', event });
  }
  keepRelaying(turn);
}

function keepRelaying(turn: Turn): void {
  const { state } = turn;
  if (state.relaying || keysOf(state.disk.outbox).length === 0) return;
  state.relaying = true;
  setTimer(turn, 'relay', state.knobs.retryMs);
}

/** What does not go with what is under its key here changes nothing. */
function carryOut({ data }: OutboxDisk, command: Command): Effect {
  const effect = execute(data, command);
  if (effect.kind === 'error' || effect.entry === undefined) return effect;
  if (effect.entry === null) delete data[command.key];
  else data[command.key] = effect.entry;
  return effect;
}

function describeEvent({ writer, number, command }: OutboxEvent): string {
  return `event ${writer}/${number}: ${describeCommand(command)}`;
}
