import type { NodeId } from '../../sim/operation.ts';
import type { Ambient, Mark, Output } from '../../sim/protocol.ts';
import type { Raft, RaftMessage, RaftState, RaftTimer } from './types.ts';
import type { Reply } from './store.ts';

/**
 * One step under way: the state, what the world supplied, and what has been decided so far. Whoever changes
 * term, vote, commit or log says `save`. What a step writes goes to the disk at once and before anything it
 * tells (Ongaro 2014 §3.8), as with etcd's Ready.
 */
export type Step = {
  readonly state: RaftState;
  readonly now: number;
  readonly random: number;
  readonly outputs: Output<Raft>[];
  unsaved: boolean;
  /** Where in the outputs the first message or answer is; -1 while there is none. */
  firstTold: number;
};

export function createStep(state: RaftState, ambient: Ambient): Step {
  return { state, now: ambient.now, random: ambient.random, outputs: [], unsaved: false, firstTold: -1 };
}

/** Notes that the durable part of the state has changed. */
export function save(step: Step): void {
  step.unsaved = true;
}

/** The end of the step: what has changed is on disk before the first message leaves. */
export function finish(step: Step): Output<Raft>[] {
  const { outputs, firstTold } = step;
  if (step.unsaved) outputs.splice(firstTold < 0 ? outputs.length : firstTold, 0, { kind: 'persist' });
  return outputs;
}

export function send(step: Step, to: NodeId, message: RaftMessage): void {
  if (step.firstTold < 0) step.firstTold = step.outputs.length;
  step.outputs.push({ kind: 'send', to, message });
}

export function reply(step: Step, to: NodeId, id: number, answer: Reply): void {
  if (step.firstTold < 0) step.firstTold = step.outputs.length;
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
