import type { NodeId } from '../../sim/operation.ts';
import type { Ambient, Mark, Output } from '../../sim/protocol.ts';
import type { Raft, RaftMessage, RaftState, RaftTimer } from './types.ts';
import type { Reply } from './store.ts';

/**
 * One step under way: the state, what the world supplied, and what has been decided so far. Whoever changes
 * term, vote, commit or log says `save`; nothing leaves the node before that is on disk (Ongaro 2014 §3.8).
 */
export type Step = {
  readonly state: RaftState;
  readonly now: number;
  readonly random: number;
  readonly outputs: Output<Raft>[];
  unsaved: boolean;
};

export function createStep(state: RaftState, ambient: Ambient): Step {
  return { state, now: ambient.now, random: ambient.random, outputs: [], unsaved: false };
}

/** Notes that the durable part of the state has changed. */
export function save(step: Step): void {
  step.unsaved = true;
}

/** Puts on disk what has changed, if anything has. */
export function flush(step: Step): void {
  if (!step.unsaved) return;
  step.unsaved = false;
  step.outputs.push({ kind: 'persist' });
}

export function send(step: Step, to: NodeId, message: RaftMessage): void {
  if (step.unsaved) flush(step);
  step.outputs.push({ kind: 'send', to, message });
}

export function reply(step: Step, to: NodeId, id: number, answer: Reply): void {
  if (step.unsaved) flush(step);
  step.outputs.push({ kind: 'reply', to, id, reply: answer });
}

export function setTimer(step: Step, timer: RaftTimer, after: number): void {
  step.outputs.push({ kind: 'set-timer', timer, after });
}

export function cancelTimer(step: Step, timer: RaftTimer): void {
  step.outputs.push({ kind: 'cancel-timer', timer });
}

export function mark(step: Step, name: Mark['name'], text: string): void {
  step.outputs.push({ kind: 'mark', mark: { name, term: step.state.term, text } });
}
