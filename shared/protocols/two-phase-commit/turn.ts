import type { NodeId } from '../../sim/operation.ts';
import { send, type TurnOf } from '../turn.ts';
import type { Message, TwoPhaseShape } from './types.ts';

/** One step of a node. `isDirty`: something durable changed. `local`: what the node has to say to itself. */
export type Turn = TurnOf<TwoPhaseShape> & {
  isDirty: boolean;
  /** The process has crashed: nothing more happens. */
  isOver: boolean;
  readonly local: Message[];
};

/** Tells another node, or the participant or coordinator in this one. */
export function tell(turn: Turn, to: NodeId, message: Message): void {
  if (to === turn.state.self) turn.local.push(message);
  else send(turn, to, message);
}
