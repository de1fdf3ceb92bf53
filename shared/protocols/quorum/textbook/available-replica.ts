import { unreachable } from '../../../base/assert.ts';
import { digest } from '../../../base/digest.ts';
import type { Json } from '../../../base/json.ts';
import { keysOf, lookUp, type Table } from '../../../base/table.ts';
import type { NodeId, Stored } from '../../../sim/operation.ts';
import type { Ambient, Config, DataView, Input, Output, Protocol, Shape } from '../../../sim/protocol.ts';
import { mark, persist, reply, send, setTimer, type TurnOf } from '../../turn.ts';
import { applyEdit, describeEdit, describeStored, type Edit } from './edit.ts';

/** How a store that always answers deals with what it should not have accepted: the text's two ways. */
export type MeetingRules<Held extends Json> = {
  readonly name: string;
  /** What is under a key after a write at this node; `null` value: deleted. */
  write(held: Held | null, value: Stored, node: NodeId, now: number): Held;
  /** Copies of two nodes meet. The first itself when the second tells nothing new. */
  merge(held: Held, arrived: Held): Held;
  /** What a reader gets: one value, or siblings. */
  valuesIn(held: Held): readonly Stored[];
  describe(held: Held): string;
  /** What to say when two copies met of which neither was the later one; null when that was not so. */
  conflictIn(before: Held, arrived: Held, after: Held): string | null;
};

export interface AvailableShape<Held extends Json> extends Shape {
  readonly knobs: AvailableKnobs;
  readonly state: AvailableState<Held>;
  readonly durable: AvailableDisk<Held>;
  readonly message: AvailableMessage<Held>;
  readonly timer: 'retry';
  readonly request: AvailableRequest;
  readonly reply: AvailableReply;
}

export type AvailableKnobs = { readonly retryMs: number };

export type AvailableState<Held extends Json> = {
  readonly self: NodeId;
  readonly nodes: readonly NodeId[];
  readonly knobs: AvailableKnobs;
  readonly disk: AvailableDisk<Held>;
  /** Whether the timer for another try runs: only while somebody owes an answer. */
  retrying: boolean;
};

export type AvailableDisk<Held extends Json> = {
  /** The name under which this disk writes: a lost one must not number its writes again. */
  readonly writer: string;
  readonly data: Table<Held>;
  /** The replication queue: of each other node the keys that it has not confirmed yet. */
  readonly owed: Table<Table<true>>;
};

export type AvailableMessage<Held extends Json> =
  | { readonly kind: 'replicate'; readonly key: string; readonly held: Held }
  | { readonly kind: 'confirm'; readonly key: string; readonly label: string };

export type AvailableRequest =
  | { readonly kind: 'read'; readonly key: string }
  | { readonly kind: 'edit'; readonly key: string; readonly edit: Edit };

export type AvailableReply = { readonly values: readonly Stored[]; readonly version: string | null };

type Turn<Held extends Json> = TurnOf<AvailableShape<Held>>;

/**
 * The text's `APDatabase` (cap-theorem.md, "Last-Write-Wins", "Vector Clocks", and the feed's replication queue):
 * every node has everything, writes to itself, says yes, and tells the others afterwards, again and again until
 * they have it. What differs is what happens when two copies meet.
 */
export function availableStore<Held extends Json>(rules: MeetingRules<Held>): Protocol<AvailableShape<Held>> {
  return {
    name: rules.name,
    channel: 'stream',
    connections: false,
    init: ({ self, nodes, knobs, incarnation }: Config<AvailableKnobs>, durable) => {
      const writer = incarnation > 1 ? `${self}#${incarnation}` : self;
      return { self, nodes, knobs, disk: durable ?? { writer, data: {}, owed: {} }, retrying: false };
    },
    step: (state, input, ambient) => step(rules, state, input, ambient),
    durable: ({ disk }) => disk,
    view: ({ disk }) => {
      const data: Table<DataView> = {};
      for (const key of keysOf(disk.data)) {
        const held = lookUp(disk.data, key);
        const values = held === undefined ? [] : rules.valuesIn(held);
        if (held !== undefined && values.length > 0) data[key] = { values, version: rules.describe(held) };
      }
      const facts = keysOf(disk.owed).map((peer): [string, string] => {
        return [`not confirmed by ${peer}`, keysOf(lookUp(disk.owed, peer) ?? {}).join(', ')];
      });
      return { role: 'replica', term: null, leader: null, data, facts };
    },
    describeMessage: (message) =>
      message.kind === 'confirm' ? `has ${message.key}` : describeHeld(rules, message.key, message.held),
    describeState: ({ disk }) =>
      keysOf(disk.data)
        .flatMap((key) => {
          const held = lookUp(disk.data, key);
          return held === undefined ? [] : [describeHeld(rules, key, held)];
        })
        .join('; ') || 'empty',
  };
}

export function describeAvailableRequest(request: AvailableRequest): string {
  return request.kind === 'read' ? `read ${request.key}` : describeEdit(request.key, request.edit);
}

export function describeAvailableReply({ values, version }: AvailableReply): string {
  const text = values.map(describeStored).join(' | ') || 'nothing';
  return version === null ? text : `${text} (${version})`;
}

function step<Held extends Json>(
  rules: MeetingRules<Held>,
  state: AvailableState<Held>,
  input: Input<AvailableShape<Held>>,
  ambient: Ambient,
): Output<AvailableShape<Held>>[] {
  const turn: Turn<Held> = { ...ambient, state, outputs: [] };
  switch (input.kind) {
    case 'start':
      persist(turn);
      keepTrying(turn);
      break;
    case 'request':
      onRequest(rules, turn, input.from, input.id, input.request);
      break;
    case 'message':
      if (input.message.kind === 'confirm')
        onConfirm(turn, input.from, input.message.key, input.message.label);
      else onReplicate(rules, turn, input.from, input.message.key, input.message.held);
      break;
    case 'timer':
      if (input.timer === 'retry') onRetry(turn);
      break;
    case 'disconnected':
      break;
    default:
      unreachable(input);
  }
  return turn.outputs;
}

function onRequest<Held extends Json>(
  rules: MeetingRules<Held>,
  turn: Turn<Held>,
  from: NodeId,
  id: number,
  request: AvailableRequest,
): void {
  const { self, nodes, disk } = turn.state;
  const { key } = request;
  if (request.kind === 'edit') {
    const before = lookUp(disk.data, key) ?? null;
    const value = applyEdit(before === null ? [] : rules.valuesIn(before), request.edit);
    const held = rules.write(before, value, disk.writer, turn.now);
    disk.data[key] = held;
    for (const peer of nodes) if (peer !== self) (disk.owed[peer] ??= {})[key] = true;
    persist(turn);
    for (const peer of nodes) if (peer !== self) send(turn, peer, { kind: 'replicate', key, held });
    keepTrying(turn);
  }
  const held = lookUp(disk.data, key);
  const found = held === undefined ? null : { values: rules.valuesIn(held), version: rules.describe(held) };
  reply(turn, from, id, found ?? { values: [], version: null });
}

function onReplicate<Held extends Json>(
  rules: MeetingRules<Held>,
  turn: Turn<Held>,
  from: NodeId,
  key: string,
  arrived: Held,
): void {
  const { self, disk } = turn.state;
  const before = lookUp(disk.data, key);
  const after = before === undefined ? arrived : rules.merge(before, arrived);
  if (after !== before) {
    disk.data[key] = after;
    persist(turn);
  }
  const conflict = before === undefined ? null : rules.conflictIn(before, arrived, after);
  if (conflict !== null) mark(turn, 'conflict', `${self}: ${key}: ${conflict}`);
  send(turn, from, { kind: 'confirm', key, label: digest(arrived) });
}

/** A peer has a key, unless it was written again meanwhile. */
function onConfirm<Held extends Json>(turn: Turn<Held>, from: NodeId, key: string, label: string): void {
  const { data, owed } = turn.state.disk;
  const keys = lookUp(owed, from);
  const held = lookUp(data, key);
  if (keys === undefined || lookUp(keys, key) === undefined || digest(held) !== label) return;
  delete keys[key];
  if (keysOf(keys).length === 0) delete owed[from];
  persist(turn);
}

function onRetry<Held extends Json>(turn: Turn<Held>): void {
  const { state } = turn;
  if (!state.retrying) return;
  state.retrying = false;
  for (const peer of keysOf(state.disk.owed)) {
    for (const key of keysOf(lookUp(state.disk.owed, peer) ?? {})) {
      const held = lookUp(state.disk.data, key);
      if (held !== undefined) send(turn, peer, { kind: 'replicate', key, held });
    }
  }
  keepTrying(turn);
}

function keepTrying<Held extends Json>(turn: Turn<Held>): void {
  const { state } = turn;
  if (state.retrying || keysOf(state.disk.owed).length === 0) return;
  state.retrying = true;
  setTimer(turn, 'retry', state.knobs.retryMs);
}

function describeHeld<Held extends Json>(rules: MeetingRules<Held>, key: string, held: Held): string {
  const values = rules.valuesIn(held).map(describeStored).join(' | ') || 'deleted';
  return `${key}=${values} (${rules.describe(held)})`;
}
