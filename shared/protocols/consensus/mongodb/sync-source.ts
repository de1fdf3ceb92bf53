import type { NodeId } from '../../../sim/operation.ts';
import type { BatchMessage } from './messages.ts';
import { compare, lastOf } from './oplog.ts';
import { cancelTimer, type Step } from './step.ts';
import type { MemberState } from './types.ts';

/**
 * Whom to pull from: of those that are up and ahead the nearest, be it a secondary; without chaining only the
 * primary will do (TopologyCoordinator::chooseNewSyncSource). Null when there is nobody.
 */
export function bestSource(state: MemberState): NodeId | null {
  if (!pulls(state)) return null;
  let best: NodeId | null = null;
  for (const other of state.others) {
    if (isEligible(state, other) && (best === null || pingOf(state, other) < pingOf(state, best)))
      best = other;
  }
  return best;
}

/** Stops pulling. */
export function leaveSource(step: Step): void {
  const { state } = step;
  if (state.source === null) return;
  state.source = null;
  cancelTimer(step, 'fetch');
  cancelTimer(step, 'keepalive');
}

/** Stops pulling from a source that was of no use: it is not chosen again before its next heartbeat. */
export function avoidSource(step: Step): void {
  const { state } = step;
  if (state.source === null) return;
  state.avoided[state.source] = true;
  leaveSource(step);
}

/** Whether what a source says shows that another would be better. */
export function isOutgrown(
  state: MemberState,
  from: NodeId,
  { primary, source, last }: BatchMessage,
): boolean {
  if (!state.knobs.chaining && primary !== null && primary !== from) return true;
  return primary !== from && source === null && compare(last, lastOf(state)) <= 0;
}

/** A primary pulls only until it has caught up; an arbiter never does. */
function pulls({ role, writable }: MemberState): boolean {
  return (
    role === 'secondary' || role === 'rollback' || role === 'startup' || (role === 'primary' && !writable)
  );
}

function isEligible(state: MemberState, node: NodeId): boolean {
  const peer = state.peers[node];
  if (peer?.up !== true || Object.hasOwn(state.avoided, node)) return false;
  if (peer.role !== 'primary' && peer.role !== 'secondary') return false;
  const { voters } = state.set;
  if (voters.includes(state.self) && !voters.includes(node)) return false;
  const lead = compare(peer.at, lastOf(state));
  if (state.knobs.chaining || state.role === 'primary') return lead > 0;
  return node === state.primary && lead >= 0;
}

function pingOf(state: MemberState, node: NodeId): number {
  return state.peers[node]?.ping ?? 0;
}
