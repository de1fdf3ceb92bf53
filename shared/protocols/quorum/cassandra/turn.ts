import { draw } from '../../../base/random.ts';
import { lookUp } from '../../../base/table.ts';
import type { Cells } from '../../../data/cells.ts';
import type { NodeId } from '../../../sim/operation.ts';
import type { Ambient, Mark, Output } from '../../../sim/protocol.ts';
import { placement } from '../ring.ts';
import type { Message } from './messages.ts';
import type { CassandraShape, CassandraState, Reply, Timer } from './types.ts';
import type { Asker, Work } from './work.ts';

/**
 * One step of a node: its state, what the world supplies, and what it has done so far. A coordinator is a
 * replica itself: what it sends to itself waits in `local` and is handled in the same step.
 */
export type Turn = Ambient & {
  readonly state: CassandraState;
  readonly outputs: Output<CassandraShape>[];
  readonly local: Message[];
  /** What transactions of this node waited for and has ended: they go on in the same step. */
  readonly ended: { readonly id: string; readonly outcome: Outcome }[];
  /** Whether the disk changed: it is written before anything of this step is told. */
  persists: boolean;
  draws: number;
};

/** How a part of a lightweight transaction ended: a read with the row itself, everything else with a reply. */
export type Outcome = Reply | { readonly kind: 'cells'; readonly cells: Cells };

export function startTurn(state: CassandraState, { now, random }: Ambient): Turn {
  return { state, now, random, outputs: [], local: [], ended: [], persists: false, draws: 0 };
}

export function send(turn: Turn, to: NodeId, message: Message): void {
  if (to === turn.state.self) turn.local.push(message);
  else turn.outputs.push({ kind: 'send', to, message });
}

export function mark(turn: Turn, name: Mark['name'], text: string): void {
  turn.outputs.push({ kind: 'mark', mark: { name, term: null, text } });
}

export function setTimer(turn: Turn, timer: Timer, after: number): void {
  turn.outputs.push({ kind: 'set-timer', timer, after });
}

export function cancelTimer(turn: Turn, timer: Timer): void {
  turn.outputs.push({ kind: 'cancel-timer', timer });
}

export function chance(turn: Turn): number {
  return turn.draws === 0 ? (turn.draws++, turn.random) : draw(turn.random, turn.draws++);
}

/** An id for new work. It carries the incarnation, so that answers to work before a crash fit nothing. */
export function nextId(state: CassandraState): string {
  state.started++;
  return `${state.incarnation}.${state.started}`;
}

/** The timestamp of a write that brings none: the clock in microseconds, but always later than the one before. */
export function nextTimestamp(turn: Turn): number {
  const { state } = turn;
  state.timestamp = Math.max(turn.now * 1000, state.timestamp + 1);
  return state.timestamp;
}

/** The replicas of a key, down or not, this node first if it is one: proximity as a snitch would sort it. */
export function replicasOf(state: CassandraState, key: string): NodeId[] {
  return nearestFirst(state, placement(key, ringOf(state), state.knobs.replicationFactor));
}

/** Nodes that a key is on its way to: they are not asked for it yet, but must take every write. */
export function pendingOf(state: CassandraState, key: string): NodeId[] {
  const { futures = [], knobs } = state;
  if (futures.length === 0) return [];
  const owners = replicasOf(state, key);
  const future = futures.flatMap((ring) => placement(key, ring, knobs.replicationFactor));
  return [...new Set(future)].filter((node) => !owners.includes(node));
}

/** The nodes on the ring. */
export function ringOf({ ring, members, nodes }: CassandraState): readonly NodeId[] {
  return ring ?? members ?? nodes;
}

function nearestFirst({ self }: CassandraState, nodes: readonly NodeId[]): NodeId[] {
  return [...nodes.filter((node) => node === self), ...nodes.filter((node) => node !== self)];
}

export function isAlive(state: CassandraState, node: NodeId): boolean {
  return lookUp(state.down, node) === undefined;
}

export function begin<W extends Work>(turn: Turn, work: W): W {
  turn.state.work[work.id] = work;
  return work;
}

export function endWork(turn: Turn, { id }: Work): void {
  delete turn.state.work[id];
  cancelTimer(turn, `wait-${id}`);
}

/** Tells whoever asked how it went. */
export function tell(turn: Turn, asker: Asker, reply: Reply): void {
  switch (asker.kind) {
    case 'driver':
      turn.outputs.push({ kind: 'reply', to: turn.state.self, id: asker.id, reply });
      return;
    case 'coordinator':
      if (reply.kind === 'written') send(turn, asker.node, { kind: 'incremented', id: asker.id });
      return;
    case 'transaction':
      turn.ended.push({ id: asker.id, outcome: reply });
  }
}
