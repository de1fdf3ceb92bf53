import type { NodeId } from '../../../sim/operation.ts';
import type { Ambient, Mark, Output } from '../../../sim/protocol.ts';
import type { Entry } from '../../store.ts';
import type { Message, PrimaryShape, PrimaryState, Reply, Term, Timer } from './types.ts';

/** One step of a node. `isDirty`: something durable changed. */
export type Turn = Ambient & {
  readonly state: PrimaryState;
  readonly outputs: Output<PrimaryShape>[];
  isDirty: boolean;
};

export function send(turn: Turn, to: NodeId, message: Message): void {
  turn.outputs.push({ kind: 'send', to, message });
}

export function sendAll(turn: Turn, message: Message): void {
  for (const node of turn.state.holders) if (node !== turn.state.self) send(turn, node, message);
}

export function reply(turn: Turn, to: NodeId, id: number, body: Reply): void {
  turn.outputs.push({ kind: 'reply', to, id, reply: body });
}

export function mark(turn: Turn, name: Mark['name'], text: string): void {
  const { self, durable } = turn.state;
  turn.outputs.push({ kind: 'mark', mark: { name, term: durable.term.epoch, text: `${self} ${text}` } });
}

export function setTimer(turn: Turn, timer: Timer, after: number): void {
  turn.outputs.push({ kind: 'set-timer', timer, after });
}

export function isPrimary(state: PrimaryState): boolean {
  return state.durable.term.primary === state.self;
}

export function sameTerm(a: Term, b: Term): boolean {
  return a.epoch === b.epoch && a.primary === b.primary;
}

/** Whether `a` comes after `b`: by epoch, and of one epoch the primary that comes first among the nodes. */
export function isLater(state: PrimaryState, a: Term, b: Term): boolean {
  if (a.epoch !== b.epoch) return a.epoch > b.epoch;
  return state.holders.indexOf(a.primary) < state.holders.indexOf(b.primary);
}

/** Puts one change into the data. */
export function put(turn: Turn, key: string, entry: Entry | null): void {
  const { durable } = turn.state;
  if (entry === null) delete durable.data[key];
  else durable.data[key] = entry;
  durable.changes++;
  turn.isDirty = true;
}
