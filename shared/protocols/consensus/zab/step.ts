import type { NodeId } from '../../../sim/operation.ts';
import type { Ambient, Mark, Output } from '../../../sim/protocol.ts';
import type { Frame } from '../../connection.ts';
import type { ServerBody } from '../../coordination.ts';
import type { Zab, ZabMessage, ZabState, ZabTimer } from './types.ts';

/**
 * One step under way: the state, what the world supplied, and what has been decided so far. Whoever changes an
 * epoch or the log says `save`; what a step writes is on disk before anything it tells.
 */
export type Step = {
  readonly state: ZabState;
  readonly random: number;
  readonly outputs: Output<Zab>[];
  unsaved: boolean;
  /** Where in the outputs the first message or answer is; -1 while there is none. */
  firstTold: number;
  /** Clients' connections on which requests may go on. */
  readonly released: string[];
  /** Why the server no longer leads or follows, if it decided so: it then looks for a leader. */
  quit: string | null;
};

export function createStep(state: ZabState, { random }: Ambient): Step {
  return { state, random, outputs: [], unsaved: false, firstTold: -1, released: [], quit: null };
}

/** Notes that the durable part of the state has changed. */
export function save(step: Step): void {
  step.unsaved = true;
}

export function finish(step: Step): Output<Zab>[] {
  const { outputs, firstTold } = step;
  if (step.unsaved) outputs.splice(firstTold < 0 ? outputs.length : firstTold, 0, { kind: 'persist' });
  return outputs;
}

export function send(step: Step, to: NodeId, message: ZabMessage): void {
  if (step.firstTold < 0) step.firstTold = step.outputs.length;
  step.outputs.push({ kind: 'send', to, message });
}

export function reply(step: Step, to: NodeId, id: number, frame: Frame<ServerBody>): void {
  if (step.firstTold < 0) step.firstTold = step.outputs.length;
  step.outputs.push({ kind: 'reply', to, id, reply: frame });
}

export function setTimer(step: Step, timer: ZabTimer, after: number): void {
  step.outputs.push({ kind: 'set-timer', timer, after });
}

export function cancelTimer(step: Step, timer: ZabTimer): void {
  step.outputs.push({ kind: 'cancel-timer', timer });
}

export function mark(step: Step, name: Mark['name'], text: string): void {
  step.outputs.push({ kind: 'mark', mark: { name, term: step.state.currentEpoch, text } });
}
