import { cancelTimer, reply, send, setTimer, type TurnOf } from '../../turn.ts';
import { REQUEST_TIMEOUT } from './constants.ts';
import { REQUEST_TIMED_OUT } from './errors.ts';
import type { Asker, Reply, RiakShape, RiakState, Work } from './types.ts';

export type Turn = TurnOf<RiakShape>;

/** Notes new work and how long it may take. */
export function begin(turn: Turn, work: Work, limit = REQUEST_TIMEOUT): void {
  turn.state.work[work.id] = work;
  setTimer(turn, `wait-${work.id}`, limit);
}

export function endWork(turn: Turn, work: Work): void {
  delete turn.state.work[work.id];
  cancelTimer(turn, `wait-${work.id}`);
}

export function nextId(state: RiakState): string {
  state.started++;
  return String(state.started);
}

/** Tells whoever asked how it went. Where doubt remains "certainly not" becomes "unknown". */
export function tell(turn: Turn, asker: Asker, answer: Reply): void {
  if (asker.kind === 'node') {
    send(turn, asker.node, { kind: 'outcome', id: asker.id, reply: answer });
    return;
  }
  const isDoubtful = asker.doubtful && answer.kind === 'refused' && answer.class === 'fail';
  reply(turn, asker.node, asker.id, isDoubtful ? { ...REQUEST_TIMED_OUT, class: 'info' } : answer);
}
