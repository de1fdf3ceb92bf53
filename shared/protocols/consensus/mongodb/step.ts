import type { NodeId } from '../../../sim/operation.ts';
import type { Ambient, MarkName, Output } from '../../../sim/protocol.ts';
import type { Message } from './messages.ts';
import type { Reply } from './requests.ts';
import type { MemberState, MongoDb, MongoTimer } from './types.ts';

/** One step of a member under way: its state, what the world supplies, and what it has done so far. */
export type Step = Ambient & {
  readonly state: MemberState;
  readonly outputs: Output<MongoDb>[];
  /** The durable part of the state has changed. */
  unsaved: boolean;
  /** The oplog or the commit point has changed: those who wait for it must hear. */
  grown: boolean;
  /** How far this or another member is has changed: primary and source must hear. */
  moved: boolean;
  /** Where in the outputs the first message or answer is; -1 while there is none. */
  firstTold: number;
};

export function createStep(state: MemberState, { now, random }: Ambient): Step {
  return {
    now,
    random,
    state,
    outputs: [],
    unsaved: false,
    grown: false,
    moved: false,
    firstTold: -1,
  };
}

type WithoutTerm<M> = M extends unknown ? Omit<M, 'term'> : never;

/** Sends with this member's term. */
export function send(step: Step, to: NodeId, message: WithoutTerm<Message>): void {
  tell(step, { kind: 'send', to, message: { ...message, term: step.state.term } });
}

export function reply(step: Step, to: NodeId, id: number, answer: Reply): void {
  tell(step, { kind: 'reply', to, id, reply: answer });
}

export function setTimer(step: Step, timer: MongoTimer, after: number): void {
  step.outputs.push({ kind: 'set-timer', timer, after });
}

export function cancelTimer(step: Step, timer: MongoTimer): void {
  step.outputs.push({ kind: 'cancel-timer', timer });
}

export function mark(step: Step, name: MarkName, text: string): void {
  step.outputs.push({ kind: 'mark', mark: { name, term: step.state.term, text } });
}

/** What has changed is on disk before the first message leaves. */
export function outputsOf({ outputs, unsaved, firstTold }: Step): Output<MongoDb>[] {
  if (unsaved) outputs.splice(firstTold < 0 ? outputs.length : firstTold, 0, { kind: 'persist' });
  return outputs;
}

function tell(step: Step, output: Output<MongoDb>): void {
  if (step.firstTold < 0) step.firstTold = step.outputs.length;
  step.outputs.push(output);
}
