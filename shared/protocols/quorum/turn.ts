import { mark, persist, reply, send, setTimer, type TurnOf } from '../turn.ts';
import type { Asker, QuorumShape, QuorumState, Reply, Work } from './types.ts';

export { mark, persist, send, setTimer };

/** One step of a replica of Dynamo. */
export type Turn = TurnOf<QuorumShape>;

/** An id for new work. It carries the incarnation, so that answers to work before a crash fit nothing. */
export function nextId(state: QuorumState): string {
  state.started++;
  return `${state.incarnation}.${state.started}`;
}

export function endWork(turn: Turn, work: Work): void {
  delete turn.state.work[work.id];
  turn.outputs.push({ kind: 'cancel-timer', timer: `wait-${work.id}` });
}

/** What a client finds at a node that is down, or no member. */
export const REFUSED = 'connection refused';

/** What a writer is told when a node that was to coordinate has not said how it went. */
export const NO_ANSWER = 'no answer from the coordinator';

/** Tells whoever asked how it went. Where doubt remains "certainly not" becomes "unknown". */
export function tell(turn: Turn, asker: Asker, answer: Reply): void {
  if (asker.kind === 'node') {
    send(turn, asker.node, { kind: 'outcome', id: asker.id, reply: answer });
    return;
  }
  const isDoubtful = asker.doubtful && answer.kind === 'refused' && answer.class === 'fail';
  const doubted: Reply = isDoubtful ? { kind: 'refused', class: 'info', error: NO_ANSWER } : answer;
  reply(turn, asker.node, asker.id, doubted);
}
