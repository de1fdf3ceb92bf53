import type { NodeId } from '../../sim/operation.ts';
import type { Ambient, Mark, Output } from '../../sim/protocol.ts';
import type { Asker, Message, QuorumShape, QuorumState, Reply, Timer, Work } from './types.ts';

/** One step of a replica: its state, what the world supplies, and what it has done so far. */
export type Turn = Ambient & { readonly state: QuorumState; readonly outputs: Output<QuorumShape>[] };

export function send(turn: Turn, to: NodeId, message: Message): void {
  turn.outputs.push({ kind: 'send', to, message });
}

export function persist(turn: Turn): void {
  if (turn.outputs.at(-1)?.kind !== 'persist') turn.outputs.push({ kind: 'persist' });
}

export function mark(turn: Turn, name: Mark['name'], text: string): void {
  turn.outputs.push({ kind: 'mark', mark: { name, term: null, text } });
}

export function setTimer(turn: Turn, timer: Timer, after: number): void {
  turn.outputs.push({ kind: 'set-timer', timer, after });
}

/** An id for new work. It carries the incarnation, so that answers to work before a crash fit nothing. */
export function nextId(state: QuorumState): string {
  state.started++;
  return `${state.incarnation}.${state.started}`;
}

export function endWork(turn: Turn, work: Work): void {
  delete turn.state.work[work.id];
  turn.outputs.push({ kind: 'cancel-timer', timer: `wait-${work.id}` });
}

/** What a writer is told when a node that was to coordinate has not said how it went. */
export const NO_ANSWER = 'no answer from the coordinator';

/** Tells whoever asked how it went. Where doubt remains "certainly not" becomes "unknown". */
export function tell(turn: Turn, asker: Asker, reply: Reply): void {
  if (asker.kind === 'node') {
    send(turn, asker.node, { kind: 'outcome', id: asker.id, reply });
    return;
  }
  const isDoubtful = asker.doubtful && reply.kind === 'refused' && reply.class === 'fail';
  const doubted: Reply = isDoubtful ? { kind: 'refused', class: 'info', error: NO_ANSWER } : reply;
  turn.outputs.push({ kind: 'reply', to: asker.node, id: asker.id, reply: doubted });
}
