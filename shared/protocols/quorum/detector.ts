import { lookUp } from '../../base/table.ts';
import type { NodeId } from '../../sim/operation.ts';
import { TICK } from './constants.ts';
import { setTimer, type Turn } from './turn.ts';
import type { QuorumState } from './types.ts';

/**
 * Failure detection is a local opinion (DeCandia et al. 2007 §4.8.3): a peer that does not answer this node is
 * down for this node, whatever others hear from it, until it answers a probe. Hearing from a peer is not enough:
 * over a link that is dead one way its messages arrive and ours do not.
 */
export function isDown(state: QuorumState, peer: NodeId): boolean {
  return lookUp(state.down, peer) !== undefined;
}

export function suspect(turn: Turn, peer: NodeId): void {
  const { state } = turn;
  if (isDown(state, peer)) return;
  state.down[peer] = turn.now;
  keepTicking(turn);
}

/** A peer has answered. True when it had been thought down. */
export function clear(state: QuorumState, peer: NodeId): boolean {
  delete state.unanswered[peer];
  if (!isDown(state, peer)) return false;
  delete state.down[peer];
  return true;
}

/** Notes that an answer is due from a peer: without one it is thought down at the tick after next. */
export function expectAnswer(turn: Turn, peer: NodeId): void {
  turn.state.unanswered[peer] ??= 0;
  keepTicking(turn);
}

export function keepTicking(turn: Turn): void {
  if (turn.state.ticking) return;
  turn.state.ticking = true;
  setTimer(turn, 'tick', TICK);
}
