import type { NodeId } from '../../sim/operation.ts';
import { commitTo } from './log.ts';
import { send, type Step } from './step.ts';
import type { TermMessage } from './types.ts';

export type HeartbeatMessage = Extract<TermMessage, { kind: 'heartbeat' }>;

/** Followers with the whole log get the same message: heartbeats are most of a quiet cluster's traffic. */
export function broadcastHeartbeat(step: Step, context: number): void {
  const { state } = step;
  const full: HeartbeatMessage = { kind: 'heartbeat', term: state.term, commit: state.commit, context };
  for (const other of state.others) {
    const match = state.peers[other]?.match ?? 0;
    // A follower must not commit what it may not have.
    send(step, other, match >= state.commit ? full : { ...full, commit: match });
  }
}

export function onHeartbeat(step: Step, from: NodeId, message: HeartbeatMessage): void {
  commitTo(step, message.commit);
  send(step, from, { kind: 'heartbeat-reply', term: step.state.term, context: message.context });
}
