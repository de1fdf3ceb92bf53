import type { NodeId } from '../sim/operation.ts';
import type { Ambient, Mark, Output, Shape } from '../sim/protocol.ts';

/** One step of a replica: its state, what the world supplies, and what it has done so far. */
export type TurnOf<P extends Shape> = Ambient & {
  readonly state: P['state'];
  readonly outputs: Output<P>[];
};

export function send<P extends Shape>(turn: TurnOf<P>, to: NodeId, message: P['message']): void {
  turn.outputs.push({ kind: 'send', to, message });
}

/** What has changed is on disk before anything that is said later in the step. */
export function persist<P extends Shape>(turn: TurnOf<P>): void {
  if (turn.outputs.at(-1)?.kind !== 'persist') turn.outputs.push({ kind: 'persist' });
}

export function reply<P extends Shape>(turn: TurnOf<P>, to: NodeId, id: number, answer: P['reply']): void {
  turn.outputs.push({ kind: 'reply', to, id, reply: answer });
}

export function mark<P extends Shape>(turn: TurnOf<P>, name: Mark['name'], text: string): void {
  turn.outputs.push({ kind: 'mark', mark: { name, term: null, text } });
}

export function setTimer<P extends Shape>(turn: TurnOf<P>, timer: P['timer'], after: number): void {
  turn.outputs.push({ kind: 'set-timer', timer, after });
}

export function cancelTimer<P extends Shape>(turn: TurnOf<P>, timer: P['timer']): void {
  turn.outputs.push({ kind: 'cancel-timer', timer });
}
