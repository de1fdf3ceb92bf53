import { keysOf, type Table } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import { compare, lastOf } from './oplog.ts';
import { send, setTimer, type Step } from './step.ts';
import type { MemberState, OpTime } from './types.ts';

/**
 * Tells the source how far this member is, and all those that it has heard of lately: so a primary has news even
 * of members that it cannot hear (replSetUpdatePosition). Said again every half election timeout.
 */
export function reportPositions(step: Step): void {
  const { state } = step;
  if (state.source === null) return;
  const positions: Table<OpTime> = { [state.self]: lastOf(state) };
  for (const other of state.others) {
    const peer = state.peers[other];
    if (peer !== undefined && peer.at.index > 0 && !isStale(state, other)) positions[other] = peer.at;
  }
  send(step, state.source, { kind: 'positions', positions });
  setTimer(step, 'keepalive', Math.floor(state.knobs.electionTimeoutMillis / 2));
}

export function onPositions(step: Step, positions: Readonly<Table<OpTime>>): void {
  const { state } = step;
  for (const node of keysOf(positions)) {
    const place = positions[node];
    const peer = state.peers[node];
    if (peer === undefined || place === undefined) continue;
    peer.silence = 0;
    if (compare(place, peer.at) <= 0) continue;
    peer.at = place;
    step.moved = true;
  }
}

/** Whether nothing has been heard of a member for so long that nobody counts on it. */
export function isStale(state: MemberState, node: NodeId): boolean {
  const peer = state.peers[node];
  return peer !== undefined && peer.silence >= state.knobs.electionTimeoutMillis;
}
